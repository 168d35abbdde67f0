def max_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    windows = np.lib.stride_tricks.sliding_window_view(x, (HH, WW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride].reshape(N, C, H_out, W_out, HH * WW)
    best = np.argmax(windows, axis=4)
    dx = np.zeros(x.shape)
    for k in range(HH * WW):
        p, q = k // WW, k % WW
        part = dx[:, :, p : p + stride * H_out : stride, q : q + stride * W_out : stride]
        part += dout * (best == k)
    return dx
