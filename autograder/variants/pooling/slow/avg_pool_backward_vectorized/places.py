def avg_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = dout.shape[2:]
    dx = np.zeros_like(x)
    share = dout / (HH * WW)
    for i in range(Ho):
        for j in range(Wo):
            dx[:, :, i * s : i * s + HH, j * s : j * s + WW] += share[:, :, i : i + 1, j : j + 1]
    return dx
