def layernorm_backward(dout, cache):
    x_hat, std, gamma = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    g = dout * gamma
    sum1 = np.sum(g, axis=1, keepdims=True)
    sum2 = np.sum(g * x_hat, axis=1, keepdims=True)
    dx = (g - sum1 / N - x_hat * sum2 / N) / std
    return dx, dgamma, dbeta
