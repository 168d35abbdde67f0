def instancenorm_backward(dout, cache):
    x_hat, std, gamma = cache
    dbeta = dout.sum(axis=(2, 3), keepdims=True)
    dgamma = (dout * x_hat).sum(axis=(2, 3), keepdims=True)
    g = gamma * dout
    mean1 = g.mean(axis=(2, 3), keepdims=True)
    mean2 = (g * x_hat).mean(axis=(2, 3), keepdims=True)
    dx = (g - mean1 - x_hat * mean2) / std
    return dx, dgamma, dbeta
