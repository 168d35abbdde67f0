# Sliding windows and einsum.
# %% conv_forward_vectorized
def conv_forward_vectorized(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    HH, WW = w.shape[2:]
    H, W = x.shape[2] + 2 * p, x.shape[3] + 2 * p
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError(f"a {HH}x{WW} filter does not fit {H}x{W} pixels at stride {s}")
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    v = np.lib.stride_tricks.sliding_window_view(xp, (HH, WW), axis=(2, 3))[:, :, ::s, ::s]
    out = np.einsum("nchwij,fcij->nfhw", v, w, optimize=True) + b[:, None, None]
    return out, (x, w, b, conv_param)


# %% conv_backward_vectorized
def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    HH, WW = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    v = np.lib.stride_tricks.sliding_window_view(xp, (HH, WW), axis=(2, 3))[:, :, ::s, ::s]
    dw = np.einsum("nfhw,nchwij->fcij", dout, v, optimize=True)
    db = np.einsum("nfhw->f", dout)
    N, F, Ho, Wo = dout.shape
    # put dout apart by the stride, surround it with zeros, and correlate with the turned kernel
    wide = np.zeros((N, F, (Ho - 1) * s + 1, (Wo - 1) * s + 1), dout.dtype)
    wide[:, :, ::s, ::s] = dout
    wide = np.pad(wide, ((0, 0), (0, 0), (HH - 1, HH - 1), (WW - 1, WW - 1)))
    u = np.lib.stride_tricks.sliding_window_view(wide, (HH, WW), axis=(2, 3))
    dxp = np.einsum("nfhwij,fcij->nchw", u, w[:, :, ::-1, ::-1], optimize=True)
    return dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]], dw, db
