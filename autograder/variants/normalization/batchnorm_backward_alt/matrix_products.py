import numpy as np


def batchnorm_backward_alt(dout, cache):
    hat, std, gamma = cache
    ones = np.ones(len(dout), dtype=dout.dtype)
    dbeta = ones @ dout
    dgamma = ones @ (dout * hat)
    dx = np.array(dout)
    dx -= np.outer(ones / len(dout), dbeta)
    dx -= hat * (dgamma / len(dout))
    dx *= gamma / std
    return dx, dgamma, dbeta
