def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, Ho, Wo = dout.shape
    dx = np.empty_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    h, w = i * stride, j * stride
                    dx[n, c, h : h + HH, w : w + WW] += dout[n, c, i, j] / (HH * WW)
    return dx
