def avg_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    _, _, Ho, Wo = dout.shape
    dx = np.zeros_like(x)
    share = dout / (HH * WW)
    for p in range(HH):
        for q in range(WW):
            dx[:, :, p : p + s * Ho : s, q : q + s * Wo : s] = share
    return dx
