import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    if x.shape[1] % G:
        raise ValueError("G must divide C")
    rows = x.reshape(x.shape[0] * G, -1)
    ones = np.ones(rows.shape[1], dtype=x.dtype)
    hat, inner = layernorm_forward(rows, ones, np.zeros_like(ones), gn_param)
    return gamma * (hat := hat.reshape(x.shape)) + beta, (inner, rows.shape, hat, gamma)


def spatial_groupnorm_backward(dout, cache):
    inner, shape, hat, gamma = cache
    dhat = gamma * dout
    dx, _, _ = layernorm_backward(dhat.reshape(shape), inner)
    axes = (0, 2, 3)
    dgamma = np.sum(dout * hat, axis=axes, keepdims=True)
    return dx.reshape(dout.shape), dgamma, np.sum(dout, axis=axes, keepdims=True)
