def spatial_batchnorm_backward(dout, cache):
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = batchnorm_backward(dout.reshape(-1, C), cache)
    dx = dx.reshape(N, H, W, C)
    return dx.transpose(0, 3, 1, 2), dgamma, dbeta
