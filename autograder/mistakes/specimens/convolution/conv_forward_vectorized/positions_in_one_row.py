def conv_forward_vectorized(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho = conv_output_size(H, HH, stride, pad)
    Wo = conv_output_size(W, WW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    cols = np.lib.stride_tricks.sliding_window_view(padded, (HH, WW), axis=(2, 3))
    cols = cols[:, :, ::stride, ::stride].transpose(0, 1, 4, 5, 2, 3)
    cols = cols.reshape(N, C * HH * WW, Ho * Wo)
    out = w.reshape(F, -1) @ cols + b[:, None]
    return out, (x, w, b, conv_param)
