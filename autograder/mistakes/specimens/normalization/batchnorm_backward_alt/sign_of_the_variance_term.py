def batchnorm_backward_alt(dout, cache):
    x_hat, std, gamma = cache
    N = len(dout)
    dbeta = dout.sum(axis=0)
    dgamma = (x_hat * dout).sum(axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta + x_hat * dgamma)
    return dx, dgamma, dbeta
