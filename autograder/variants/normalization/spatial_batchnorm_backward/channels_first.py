def spatial_batchnorm_backward(dout, cache):
    channels = dout.swapaxes(0, 1)
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, len(channels))
    dx, *others = batchnorm_backward(rows, cache)
    N, C, H, W = dout.shape
    back = dx.T.reshape(C, N, H, W).swapaxes(0, 1)
    return [back, *others]
