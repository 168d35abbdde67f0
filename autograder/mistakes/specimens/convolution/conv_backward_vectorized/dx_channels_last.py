def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    s, pad = conv_param["stride"], conv_param["pad"]
    H, W = x.shape[2:]
    HH, WW = w.shape[2:]
    Ho, Wo = dout.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))).transpose(0, 2, 3, 1)
    g = dout.transpose(0, 2, 3, 1)
    dxp = np.zeros_like(xp)
    dw = np.zeros_like(w)
    for p in range(HH):
        for q in range(WW):
            rows, cols = slice(p, p + s * Ho, s), slice(q, q + s * Wo, s)
            dw[:, :, p, q] = np.einsum("nijf,nijc->fc", g, xp[:, rows, cols], optimize=True)
            dxp[:, rows, cols] += g @ w[:, :, p, q]
    return dxp[:, pad : pad + H, pad : pad + W], dw, g.sum(axis=(0, 1, 2))
