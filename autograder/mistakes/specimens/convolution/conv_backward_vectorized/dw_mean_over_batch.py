def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out, W_out = dout.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (HH, WW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    columns = windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, C * HH * WW, H_out * W_out)
    flat = dout.reshape(N, F, -1)
    db = flat.sum(axis=(0, 2))
    dw = (flat @ columns.transpose(0, 2, 1)).mean(axis=0).reshape(w.shape)
    dcols = (w.reshape(F, -1).T @ flat).reshape(N, C, HH, WW, H_out, W_out)
    dpadded = np.zeros_like(padded)
    for p in range(HH):
        for q in range(WW):
            i_end, j_end = p + stride * H_out, q + stride * W_out
            dpadded[:, :, p:i_end:stride, q:j_end:stride] += dcols[:, :, p, q]
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db
