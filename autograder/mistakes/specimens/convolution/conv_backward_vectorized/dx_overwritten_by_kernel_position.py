def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    s, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, Ho, Wo = dout.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp = np.zeros_like(xp)
    dw = np.zeros_like(w)
    for p in range(HH):
        for q in range(WW):
            rows, cols = slice(p, p + s * Ho, s), slice(q, q + s * Wo, s)
            dw[:, :, p, q] = np.tensordot(dout, xp[:, :, rows, cols], axes=([0, 2, 3], [0, 2, 3]))
            part = np.tensordot(dout, w[:, :, p, q], axes=([1], [0]))
            dxp[:, :, rows, cols] = part.transpose(0, 3, 1, 2)
    return dxp[:, :, pad : pad + H, pad : pad + W], dw, dout.sum(axis=(0, 2, 3))
