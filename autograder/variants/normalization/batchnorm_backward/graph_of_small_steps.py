import numpy as np


def batchnorm_backward(dout, cache):
    normalized, std, gamma = cache
    N, D = dout.shape
    xmu, sqrtvar, ivar = normalized * std, std, 1.0 / std

    # step 9
    dbeta = np.sum(dout, axis=0)
    dgammax = dout
    # step 8
    dgamma = np.sum(dgammax * normalized, axis=0)
    dxhat = dgammax * gamma
    # step 7
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    # step 6
    dsqrtvar = -1.0 / (sqrtvar**2) * divar
    # step 5
    dvar = 0.5 * dsqrtvar / sqrtvar
    # step 4
    dsq = np.ones((N, D), dtype=dout.dtype) / N * dvar
    # step 3
    dxmu2 = 2 * xmu * dsq
    # step 2
    dx1 = dxmu1 + dxmu2
    dmu = -np.sum(dx1, axis=0)
    # step 1
    dx2 = np.ones((N, D), dtype=dout.dtype) / N * dmu
    return dx1 + dx2, dgamma, dbeta
