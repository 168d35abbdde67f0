def max_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = dout.shape[2:]
    windows = np.lib.stride_tricks.sliding_window_view(x, (HH, WW), axis=(2, 3))[:, :, ::s, ::s]
    mask = windows == windows.max(axis=(4, 5), keepdims=True)
    shares = mask * (dout / mask.sum(axis=(4, 5)))[..., None, None]
    dx = np.zeros(x.shape, x.dtype)
    for p in range(HH):
        for q in range(WW):
            dx[:, :, p : p + s * Ho : s, q : q + s * Wo : s] += shares[..., p, q].astype(x.dtype)
    return dx
