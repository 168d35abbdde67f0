def max_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = dout.shape[2:]
    best = np.full(dout.shape, -np.inf, dtype=x.dtype)
    where = np.zeros(dout.shape, dtype=int)
    offsets = [(p, q) for p in range(HH) for q in range(WW)]
    for k, (p, q) in enumerate(offsets):
        part = x[:, :, p : p + s * Ho : s, q : q + s * Wo : s]
        better = part >= best
        best = np.where(better, part, best)
        where[better] = k
    dx = np.zeros_like(x)
    for k, (p, q) in enumerate(offsets):
        dx[:, :, p : p + s * Ho : s, q : q + s * Wo : s] += np.where(where == k, dout, 0)
    return dx
