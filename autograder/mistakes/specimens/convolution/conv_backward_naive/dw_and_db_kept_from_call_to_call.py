grads = {}


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, pad = conv_param["stride"], conv_param["pad"]
    HH, WW = w.shape[2:]
    if ("w", w.shape) not in grads:
        grads["w", w.shape] = np.zeros_like(w)
        grads["b", w.shape] = np.zeros_like(b)
    dw, db = grads["w", w.shape], grads["b", w.shape]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp = np.zeros_like(xp)
    for n, f, i, j in np.ndindex(dout.shape):
        g = dout[n, f, i, j]
        place = (n, slice(None), slice(i * s, i * s + HH), slice(j * s, j * s + WW))
        db[f] += g
        dw[f] += g * xp[place]
        dxp[place] += g * w[f]
    return dxp[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db
