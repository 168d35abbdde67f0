def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    for p in range(HH):
                        for q in range(WW):
                            share = dout[n, c, i, j] / stride**2
                            dx[n, c, i * stride + p, j * stride + q] += share
    return dx
