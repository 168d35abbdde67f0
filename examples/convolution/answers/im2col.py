# Index arrays gather the windows into one matrix per image.
# %% conv_forward_vectorized
def _indices(C, HH, WW, Ho, Wo, s):
    k = np.repeat(np.arange(C), HH * WW)[:, None]
    i0 = np.tile(np.repeat(np.arange(HH), WW), C)[:, None]
    j0 = np.tile(np.arange(WW), HH * C)[:, None]
    i = i0 + s * np.repeat(np.arange(Ho), Wo)[None, :]
    j = j0 + s * np.tile(np.arange(Wo), Ho)[None, :]
    return k, i, j


def conv_forward_vectorized(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    if (H + 2 * p - HH) % s != 0 or (W + 2 * p - WW) % s != 0:
        raise ValueError("the last window would stick out")
    if H + 2 * p < HH or W + 2 * p < WW:
        raise ValueError("the filter is larger than the padded image")
    Ho, Wo = (H + 2 * p - HH) // s + 1, (W + 2 * p - WW) // s + 1
    k, i, j = _indices(C, HH, WW, Ho, Wo, s)
    cols = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))[:, k, i, j]
    out = w.reshape(F, -1) @ cols + b[:, None]
    return out.reshape(N, F, Ho, Wo), (x, w, b, conv_param)


# %% conv_backward_vectorized
def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho, Wo = dout.shape[2:]
    k, i, j = _indices(C, HH, WW, Ho, Wo, s)
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    d = dout.reshape(N, F, -1)
    dw = (d @ xp[:, k, i, j].transpose(0, 2, 1)).sum(axis=0).reshape(w.shape)
    dcols = w.reshape(F, -1).T @ d
    dxp = np.zeros_like(xp)
    np.add.at(dxp, (slice(None), k, i, j), dcols)
    return dxp[:, :, p : H + p, p : W + p], dw, dout.sum(axis=(0, 2, 3))
