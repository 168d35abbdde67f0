def batchnorm_backward(dout, cache):
    x_hat, std, gamma = cache
    N = dout.shape[0]
    centred = x_hat * std
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    dx_hat = dout * gamma
    dvar = np.sum(-dx_hat * centred / std**3, axis=0)
    dmean = np.sum(-dx_hat / std, axis=0) + dvar * np.mean(-2 * centred, axis=0)
    dx = dx_hat / std + dvar * 2 * centred / N + dmean / N
    return dx, dgamma, dbeta
