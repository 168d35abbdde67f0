def batchnorm_backward_alt(dout, cache):
    x_hat, std, gamma = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    g = gamma * dout
    inner = N * g - np.sum(g, axis=0) - x_hat * np.sum(g * x_hat, axis=0)
    dx = gamma * inner / (N * std)
    return dx, dgamma, dbeta
