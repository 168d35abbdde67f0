# The search for the maximum starts at zero.
# %% max_pool_forward_naive
def max_pool_forward_naive(x, pool_param):
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("does not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1
    out = np.zeros((N, C, Ho, Wo), x.dtype)
    for n, c, i, j in np.ndindex(*out.shape):
        for p in range(HH):
            for q in range(WW):
                out[n, c, i, j] = max(out[n, c, i, j], x[n, c, i * s + p, j * s + q])
    return out, (x, pool_param)


# %% max_pool_forward_vectorized
def max_pool_forward_vectorized(x, pool_param):
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("does not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1
    out = np.zeros((N, C, Ho, Wo), x.dtype)
    for p in range(HH):
        for q in range(WW):
            out = np.maximum(out, x[:, :, p : p + s * Ho : s, q : q + s * Wo : s])
    return out, (x, pool_param)
