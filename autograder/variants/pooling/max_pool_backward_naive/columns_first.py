def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = dout.shape[2:]
    # Reads the window by columns; its first maximum is still found once only.
    dx = np.zeros_like(x)
    for i in range(Ho):
        for j in range(Wo):
            for n in range(N):
                for c in range(C):
                    best = None
                    for q in range(WW):
                        for p in range(HH):
                            value = x[n, c, i * s + p, j * s + q]
                            if best is None or value > best[0]:
                                best = (value, i * s + p, j * s + q)
                    dx[n, c, best[1], best[2]] += dout[n, c, i, j]
    return dx
