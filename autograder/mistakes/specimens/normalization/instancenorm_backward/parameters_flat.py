def instancenorm_backward(dout, cache):
    x_hat, std, gamma = cache
    N, C, H, W = dout.shape
    dbeta = np.sum(dout, axis=(0, 2, 3))
    dgamma = np.sum(dout * x_hat, axis=(0, 2, 3))
    g = gamma * dout
    s1 = np.sum(g, axis=(2, 3), keepdims=True)
    s2 = np.sum(g * x_hat, axis=(2, 3), keepdims=True)
    dx = (H * W * g - s1 - x_hat * s2) / (H * W * std)
    return dx, dgamma, dbeta
