def batchnorm_backward(dout, cache):
    x_hat, std, gamma = cache
    N, D = dout.shape
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    x_mu = x_hat * std
    dvar = -0.5 * np.sum(dx_hat * x_mu, axis=0) / std**3
    dsquare = np.ones((N, D), dtype=dout.dtype) * dvar / N
    dx_mu = dx_hat / std + x_mu * dsquare
    dmu = -np.sum(dx_mu, axis=0)
    dx = dx_mu + dmu / N
    return dx, dgamma, dbeta
