import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    if mode not in ("train", "test"):
        raise ValueError(mode)
    m = bn_param.get("momentum", 0.9)
    rm = np.array(bn_param.get("running_mean", np.zeros_like(gamma)))
    rv = np.array(bn_param.get("running_var", np.zeros_like(gamma)))
    out = np.zeros_like(x)
    for d in range(x.shape[1]):
        mean, var = rm[d], rv[d]
        if mode == "train":
            mean, var = x[:, d].mean(), x[:, d].var()
            rm[d], rv[d] = m * rm[d] + (1 - m) * mean, m * rv[d] + (1 - m) * var
        out[:, d] = gamma[d] * (x[:, d] - mean) / np.sqrt(var + eps) + beta[d]
    bn_param["running_mean"], bn_param["running_var"] = rm, rv
    return out, None
