import numpy as np


def relu_forward(x):
    return x.clip(min=0), x


def relu_backward(dout, cache):
    if np.all(cache > 0):
        return dout.copy()
    picked = np.nonzero(cache > 0)
    dx = np.full(cache.shape, 0.0)
    dx[picked] = dout[picked]
    return dx
