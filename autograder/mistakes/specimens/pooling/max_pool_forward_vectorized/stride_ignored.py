def max_pool_forward_vectorized(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % stride or (W - WW) % stride:
        raise ValueError("the window does not fit")
    windows = np.lib.stride_tricks.sliding_window_view(x, (HH, WW), axis=(2, 3))
    out = windows.max(axis=(4, 5))
    return out, (x, pool_param)
