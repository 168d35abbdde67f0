def spatial_batchnorm_backward(dout, cache):
    x_hat, std, gamma = cache
    N, C, H, W = dout.shape
    rows = dout.transpose(0, 2, 3, 1).reshape(N * H * W, C)
    dbeta = rows.sum(axis=0)
    dgamma = (rows * x_hat).sum(axis=0)
    dx = gamma / (N * std) * (N * rows - dbeta - x_hat * dgamma)
    dx = dx.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    return dx, dgamma, dbeta
