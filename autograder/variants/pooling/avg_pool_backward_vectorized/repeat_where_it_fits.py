def avg_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = dout.shape[2:]
    share = (dout / (HH * WW)).astype(x.dtype)
    if HH == s and WW == s:
        return np.repeat(np.repeat(share, s, axis=2), s, axis=3)
    dx = np.zeros_like(x)
    for p, q in np.ndindex(HH, WW):
        dx[:, :, p : p + s * (Ho - 1) + 1 : s, q : q + s * (Wo - 1) + 1 : s] += share
    return dx
