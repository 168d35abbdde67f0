def spatial_groupnorm_backward(dout, cache):
    x_hat, std, gamma = cache
    N, C, H, W = dout.shape
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat.reshape(N, C, H, W)).sum(axis=0)
    g = (dout * gamma).reshape(x_hat.shape)
    mean1 = g.mean(axis=(2, 3, 4), keepdims=True)
    mean2 = (g * x_hat).mean(axis=(2, 3, 4), keepdims=True)
    dx = (g - mean1 - x_hat * mean2) / std
    return dx.reshape(N, C, H, W), dgamma, dbeta
