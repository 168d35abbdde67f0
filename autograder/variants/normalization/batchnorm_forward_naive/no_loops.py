import numpy as np


def batchnorm_forward_naive(x, gamma, beta, bn_param):
    zeros = np.zeros_like(gamma)
    bn_param.setdefault("running_mean", zeros.copy())
    bn_param.setdefault("running_var", zeros.copy())
    m = bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "train":
        mean, var = np.mean(x, 0), np.var(x, 0)
        # in place, as well: the caller wants it changed
        bn_param["running_mean"] *= m
        bn_param["running_mean"] += (1 - m) * mean
        bn_param["running_var"] *= m
        bn_param["running_var"] += (1 - m) * var
    elif bn_param["mode"] == "test":
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    else:
        raise ValueError(bn_param["mode"])
    xhat = (x - mean) / np.sqrt(var + bn_param.get("eps", 1e-5))
    return xhat * gamma + beta, {"xhat": xhat, "var": var}
