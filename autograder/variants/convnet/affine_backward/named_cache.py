from collections import namedtuple

import numpy as np

AffineCache = namedtuple("AffineCache", "x w b")


def affine_forward(x, w, b):
    return np.dot(np.reshape(x, (len(x), -1)), w) + b, AffineCache(x, w, b)


def affine_backward(dout, cache):
    cache = AffineCache(*cache)
    flat = np.reshape(cache.x, (len(dout), -1))
    dx = np.dot(dout, np.transpose(cache.w))
    dw = np.dot(np.transpose(flat), dout)
    db = np.dot(np.ones(len(dout), dout.dtype), dout)
    return np.reshape(dx, cache.x.shape), dw, db
