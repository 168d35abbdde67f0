def batchnorm_backward_alt(dout, cache):
    x_hat, std, gamma = cache
    N = dout.shape[0]
    a = dout.sum(axis=0)
    c = (dout * x_hat).sum(axis=0)
    dx = gamma * (N * dout - a - x_hat * c) / N / std
    return dx, a, c
