import numpy as np


def batchnorm_forward_naive(x, gamma, beta, bn_param):
    if bn_param["mode"] not in ["train", "test"]:
        raise ValueError("unknown mode")
    eps = bn_param.get("eps", 1e-5)
    m = bn_param.get("momentum", 0.9)
    rm = bn_param.get("running_mean", np.zeros(x.shape[1], x.dtype)).copy()
    rv = bn_param.get("running_var", np.zeros(x.shape[1], x.dtype)).copy()
    out = np.empty_like(x)
    for d in range(x.shape[1]):
        column = x[:, d]
        if bn_param["mode"] == "train":
            mu, var = column.mean(), column.var()
            rm[d], rv[d] = m * rm[d] + (1 - m) * mu, m * rv[d] + (1 - m) * var
        else:
            mu, var = rm[d], rv[d]
        out[:, d] = gamma[d] * (column - mu) / np.sqrt(var + eps) + beta[d]
    bn_param.update(running_mean=rm, running_var=rv)
    return out, None
