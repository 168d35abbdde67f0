import numpy as np


def affine_forward(x, w, b):
    axes = tuple(range(1, x.ndim))
    out = np.tensordot(x, w.reshape(*x.shape[1:], -1), axes=(axes, range(x.ndim - 1)))
    out += b
    return out, (x, w, b)
