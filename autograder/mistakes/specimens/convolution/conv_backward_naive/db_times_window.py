def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded = np.zeros_like(padded)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    g = dout[n, f, i, j]
                    for c in range(C):
                        for p in range(HH):
                            for q in range(WW):
                                row, col = i * stride + p, j * stride + q
                                dw[f, c, p, q] += g * padded[n, c, row, col]
                                dpadded[n, c, row, col] += g * w[f, c, p, q]
                                db[f] += g
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db
