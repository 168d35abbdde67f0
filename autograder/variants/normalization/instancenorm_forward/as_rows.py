import numpy as np


def instancenorm_forward(x, gamma, beta, in_param):
    N, C, H, W = x.shape
    rows = x.reshape(N * C, H * W)
    ones, zeros = np.ones(H * W, x.dtype), np.zeros(H * W, x.dtype)
    hat, cache = layernorm_forward(rows, ones, zeros, in_param)
    hat = hat.reshape(x.shape)
    return hat * gamma + beta, (hat, cache, gamma)
