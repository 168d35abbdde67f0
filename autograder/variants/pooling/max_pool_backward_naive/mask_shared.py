def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = dout.shape[2:]
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    rows, columns = slice(i * s, i * s + HH), slice(j * s, j * s + WW)
                    window = x[n, c, rows, columns]
                    mask = window == window.max()
                    dx[n, c, rows, columns] += dout[n, c, i, j] * mask / mask.sum()
    return dx
