def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    rows = x.swapaxes(0, 1).reshape(C, -1).T
    out, cache = batchnorm_forward(rows, gamma, beta, bn_param)
    return out.T.reshape(C, N, H, W).swapaxes(0, 1), cache
