# Sliding windows; equal maxima share the gradient.
# %% max_pool_forward_vectorized
def max_pool_forward_vectorized(x, pool_param):
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("does not fit")
    v = np.lib.stride_tricks.sliding_window_view(x, (HH, WW), axis=(2, 3))[:, :, ::s, ::s]
    return v.max(axis=(4, 5)), (x, pool_param)


# %% max_pool_backward_vectorized
def max_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    Ho, Wo = dout.shape[2:]
    v = np.lib.stride_tricks.sliding_window_view(x, (HH, WW), axis=(2, 3))[:, :, ::s, ::s]
    mask = v == v.max(axis=(4, 5), keepdims=True)
    share = dout / mask.sum(axis=(4, 5), dtype=dout.dtype)
    dx = np.zeros_like(x)
    for p in range(HH):
        for q in range(WW):
            dx[:, :, p : p + s * Ho : s, q : q + s * Wo : s] += share * mask[..., p, q]
    return dx


# %% avg_pool_forward_vectorized
def avg_pool_forward_vectorized(x, pool_param):
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("does not fit")
    v = np.lib.stride_tricks.sliding_window_view(x, (HH, WW), axis=(2, 3))[:, :, ::s, ::s]
    return v.mean(axis=(4, 5)), (x, pool_param)
