def max_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, Ho, Wo = dout.shape
    views = [x[:, :, p : p + s * Ho : s, q : q + s * Wo : s] for p in range(HH) for q in range(WW)]
    winner = np.argmax(np.stack(views), axis=0)
    dx = np.zeros_like(x)
    for k in range(HH * WW):
        p, q = divmod(k, WW)
        dx[:, :, p : p + s * Ho : s, q : q + s * Wo : s] = np.where(winner == k, dout, 0)
    return dx
