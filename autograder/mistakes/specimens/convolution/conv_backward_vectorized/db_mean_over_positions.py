def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, H, W = x.shape
    _, _, HH, WW = w.shape
    H_out, W_out = dout.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (HH, WW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    db = np.mean(dout, axis=(0, 2, 3))
    dw = np.tensordot(dout, windows, axes=((0, 2, 3), (0, 2, 3)))
    dcols = np.tensordot(dout, w, axes=((1,), (0,)))
    dpadded = np.zeros_like(padded)
    for p in range(HH):
        for q in range(WW):
            dpadded[:, :, p : p + stride * H_out : stride, q : q + stride * W_out : stride] += (
                dcols[:, :, :, :, p, q].transpose(0, 3, 1, 2)
            )
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db
