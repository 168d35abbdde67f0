import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    zeros = np.zeros_like(gamma)
    rm, rv = bn_param.get("running_mean", zeros), bn_param.get("running_var", zeros)
    if mode == "train":
        mean = np.apply_along_axis(np.mean, 0, x)
        var = np.apply_along_axis(np.var, 0, x)
        m = bn_param.get("momentum", 0.9)
        rm, rv = m * rm + (1 - m) * mean, m * rv + (1 - m) * var
    elif mode == "test":
        mean, var = rm, rv
    else:
        raise ValueError(mode)
    bn_param["running_mean"], bn_param["running_var"] = rm, rv
    return gamma * (x - mean) / np.sqrt(var + bn_param.get("eps", 1e-5)) + beta, None
