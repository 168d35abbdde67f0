import numpy as np


def instancenorm_forward(x, gamma, beta, in_param):
    """Every channel of every picture is a feature, and the pixels are its samples."""
    N, C, H, W = x.shape
    columns = x.reshape(N * C, H * W).T
    one, zero = np.ones(N * C, x.dtype), np.zeros(N * C, x.dtype)
    hat, cache = batchnorm_forward(columns, one, zero, {**in_param, "mode": "train"})
    hat = hat.T.reshape(x.shape)
    return gamma * hat + beta, {"columns": cache, "hat": hat, "gamma": gamma}
