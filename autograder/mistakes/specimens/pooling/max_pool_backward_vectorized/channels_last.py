def max_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    _, _, Ho, Wo = dout.shape
    x = x.transpose(0, 2, 3, 1)
    g = dout.transpose(0, 2, 3, 1)
    parts = [x[:, p : p + s * Ho : s, q : q + s * Wo : s] for p in range(HH) for q in range(WW)]
    best = np.argmax(parts, axis=0)
    dx = np.zeros(x.shape, dtype=x.dtype)
    for k in range(HH * WW):
        p, q = k // WW, k % WW
        dx[:, p : p + s * Ho : s, q : q + s * Wo : s] += g * (best == k)
    return dx
