def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, H, W = x.shape
    _, _, HH, WW = w.shape
    H_out, W_out = dout.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    db = dout.sum(axis=(0, 2, 3))
    dw = np.zeros_like(w)
    dpadded = np.zeros_like(padded)
    for p in range(HH):
        for q in range(WW):
            rows = slice(p, p + stride * H_out, stride)
            cols = slice(q, q + stride * W_out, stride)
            here = np.einsum("nfij,ncij->fc", dout, padded[:, :, rows, cols])
            dw[:, :, HH - p - 1, WW - q - 1] = here
            dpadded[:, :, rows, cols] += np.einsum("nfij,fc->ncij", dout, w[:, :, p, q])
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db
