def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    s, pad = conv_param["stride"], conv_param["pad"]
    H, W = x.shape[2:]
    HH, WW = w.shape[2:]
    Ho, Wo = dout.shape[2:]
    dxp = np.zeros((*x.shape[:2], H + 2 * pad, W + 2 * pad), dtype=x.dtype)
    for p in range(HH):
        for q in range(WW):
            part = np.tensordot(dout, w[:, :, p, q], axes=(1, 0)).transpose(0, 3, 1, 2)
            dxp[:, :, p : p + s * Ho : s, q : q + s * Wo : s] += part
    return dxp[:, :, pad : pad + H, pad : pad + W]
