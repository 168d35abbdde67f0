def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded = np.zeros_like(padded)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n in range(N):
        for f in range(F):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    top, left = i * stride, j * stride
                    bottom, right = top + HH, left + WW
                    dw[f] += padded[n, :, top:bottom, left:right] * dout[n, f, i, j]
                    dpadded[n, :, top:bottom, left:right] += w[f] * dout[n, f, i, j]
            db[f] += dout[n, f].sum()
    return dpadded[:, :, pad:-pad, pad:-pad], dw, db
