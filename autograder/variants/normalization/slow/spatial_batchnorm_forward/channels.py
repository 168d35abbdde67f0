import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    out = np.zeros_like(x)
    states = {"running_mean": [], "running_var": []}
    for c in range(x.shape[1]):
        own = {k: v[c : c + 1] if k.startswith("running") else v for k, v in bn_param.items()}
        rows, _ = batchnorm_forward(x[:, c].reshape(-1, 1), gamma[c : c + 1], beta[c : c + 1], own)
        out[:, c] = rows.reshape(x[:, c].shape)
        for key, values in states.items():
            values.append(own[key])
    bn_param.update({key: np.concatenate(values) for key, values in states.items()})
    return out, None
