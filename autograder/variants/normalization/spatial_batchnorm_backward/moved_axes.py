import numpy as np


def spatial_batchnorm_backward(dout, cache):
    last = np.moveaxis(dout, 1, -1)
    dx, dgamma, dbeta = batchnorm_backward(last.reshape(-1, last.shape[-1]), cache)
    return np.moveaxis(dx.reshape(last.shape), -1, 1), dgamma, dbeta
