def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = dout.shape[2:]
    dx = np.zeros(x.shape, dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    row, column = i * s, j * s
                    for p in range(HH):
                        for q in range(WW):
                            if x[n, c, i * s + p, j * s + q] >= x[n, c, row, column]:
                                row, column = i * s + p, j * s + q
                    dx[n, c, row, column] += dout[n, c, i, j]
    return dx
