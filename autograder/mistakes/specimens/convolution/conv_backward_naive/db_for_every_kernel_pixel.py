def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    N, F, Ho, Wo = dout.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp = np.zeros(xp.shape, dtype=x.dtype)
    dw = np.zeros(w.shape, dtype=w.dtype)
    db = np.zeros(b.shape, dtype=b.dtype)
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    g = dout[n, f, i, j]
                    h, v = i * s, j * s
                    for _ in range(HH * WW):
                        db[f] += g
                    dw[f] += g * xp[n, :, h : h + HH, v : v + WW]
                    dxp[n, :, h : h + HH, v : v + WW] += g * w[f]
    return dxp[:, :, pad : pad + H, pad : pad + W], dw, db
