def avg_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = dout.shape[2:]
    # Put dout apart by the stride, surround it with zeros, and add up windows of it.
    wide = np.zeros((N, C, H - HH + 1 + 2 * (HH - 1), W - WW + 1 + 2 * (WW - 1)), x.dtype)
    wide[:, :, HH - 1 : HH - 1 + s * Ho : s, WW - 1 : WW - 1 + s * Wo : s][:, :, :Ho, :Wo] = dout
    view = np.lib.stride_tricks.sliding_window_view(wide, (HH, WW), axis=(2, 3))
    return view.sum(axis=(4, 5)) / (HH * WW)
