def spatial_groupnorm_backward(dout, cache):
    x_hat, std, gamma = cache
    N, C, H, W = dout.shape
    d = dout.reshape(x_hat.shape)
    dgamma = (d * x_hat).reshape(dout.shape).sum(axis=(0, 2, 3), keepdims=True)
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)
    mean1 = d.mean(axis=(2, 3, 4), keepdims=True)
    mean2 = (d * x_hat).mean(axis=(2, 3, 4), keepdims=True)
    dx = (d - mean1 - x_hat * mean2) / std
    return gamma * dx.reshape(N, C, H, W), dgamma, dbeta
