def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, C, HH, WW = w.shape
    dw, db, dx = np.zeros_like(w), np.zeros_like(b), np.zeros_like(x)
    for n in range(len(x)):
        padded = np.pad(x[n], ((0, 0), (pad, pad), (pad, pad)))
        grad = np.zeros_like(padded)
        for f in range(F):
            db[f] = np.sum(dout[n, f])
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    r, c = slice(i * stride, i * stride + HH), slice(j * stride, j * stride + WW)
                    dw[f] += padded[:, r, c] * dout[n, f, i, j]
                    grad[:, r, c] += w[f] * dout[n, f, i, j]
        dx[n] = grad[:, pad : grad.shape[1] - pad, pad : grad.shape[2] - pad]
    return dx, dw, db
