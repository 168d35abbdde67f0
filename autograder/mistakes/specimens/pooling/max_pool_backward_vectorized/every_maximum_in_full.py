def max_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    _, _, H_out, W_out = dout.shape
    windows = np.lib.stride_tricks.sliding_window_view(x, (HH, WW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    out = windows.max(axis=(4, 5))
    dx = np.zeros_like(x)
    for p in range(HH):
        for q in range(WW):
            rows = slice(p, p + stride * H_out, stride)
            cols = slice(q, q + stride * W_out, stride)
            dx[:, :, rows, cols] += dout * (windows[..., p, q] == out)
    return dx
