def batchnorm_backward(dout, cache):
    x_hat, std, gamma = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dcentred = dout / std
    dstd = -(dout * x_hat).sum(axis=0) / std
    dvar = dstd / (2 * std)
    dcentred = dcentred + 2 / N * dvar * x_hat * std
    dx = dcentred - dcentred.mean(axis=0)
    return dx, dgamma, dbeta
