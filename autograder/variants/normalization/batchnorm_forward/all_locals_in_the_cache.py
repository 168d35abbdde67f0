import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param.get("mode")
    if mode not in ("train", "test"):
        raise ValueError
    for k in ("running_mean", "running_var"):
        bn_param.setdefault(k, np.zeros(x.shape[1], x.dtype))
    mean, var = bn_param["running_mean"], bn_param["running_var"]
    if mode == "train":
        m = bn_param.get("momentum", 0.9)
        mean, var = x.mean(0), x.var(0)
        bn_param["running_mean"] = m * bn_param["running_mean"] + (1 - m) * mean
        bn_param["running_var"] = m * bn_param["running_var"] + (1 - m) * var
    hat = (x - mean) / np.sqrt(var + bn_param.get("eps", 1e-5))
    cache = dict(locals())
    return gamma * hat + beta, cache
