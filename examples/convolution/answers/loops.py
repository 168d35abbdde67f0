# Loops in another order: kernel offsets outside, images inside.
# %% conv_forward_naive
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    if H + 2 * p < HH or W + 2 * p < WW or (H + 2 * p - HH) % s or (W + 2 * p - WW) % s:
        raise ValueError("the filter does not fit")
    Ho, Wo = (H + 2 * p - HH) // s + 1, (W + 2 * p - WW) // s + 1
    padded = np.zeros((N, C, H + 2 * p, W + 2 * p), dtype=x.dtype)
    padded[:, :, p : p + H, p : p + W] = x
    out = np.zeros((N, F, Ho, Wo), dtype=np.result_type(x, w))
    for f in range(F):
        for i in range(Ho):
            for j in range(Wo):
                for n in range(N):
                    total = 0.0
                    for c in range(C):
                        patch = padded[n, c, i * s : i * s + HH, j * s : j * s + WW]
                        total += (patch * w[f, c]).sum()
                    out[n, f, i, j] = total + b[f]
    return out, (x, w, b, conv_param)


# %% conv_backward_naive
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw, db = np.zeros_like(xp), np.zeros_like(w), np.zeros_like(b)
    for f in range(F):
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                for n in range(N):
                    g = dout[n, f, i, j]
                    rows, cols = slice(i * s, i * s + HH), slice(j * s, j * s + WW)
                    dw[f] += g * xp[n, :, rows, cols]
                    dxp[n, :, rows, cols] += g * w[f]
                    db[f] += g
    return dxp[:, :, p : p + H, p : p + W], dw, db
