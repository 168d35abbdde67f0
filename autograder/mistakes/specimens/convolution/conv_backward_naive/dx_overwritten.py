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
        for i in range(H_out):
            for j in range(W_out):
                top, left = i * stride, j * stride
                window = padded[n, :, top : top + HH, left : left + WW]
                dwindow = np.zeros_like(window)
                for f in range(F):
                    db[f] += dout[n, f, i, j]
                    dw[f] += dout[n, f, i, j] * window
                    dwindow += dout[n, f, i, j] * w[f]
                dpadded[n, :, top : top + HH, left : left + WW] = dwindow
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db
