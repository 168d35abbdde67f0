def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, H, W = x.shape
    _, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    db = np.sum(dout, axis=0)
    dw = np.zeros_like(w)
    dpadded = np.zeros_like(padded)
    for p in range(HH):
        for q in range(WW):
            rows = slice(p, p + stride * H_out, stride)
            cols = slice(q, q + stride * W_out, stride)
            dw[:, :, p, q] = np.einsum("nfij,ncij->fc", dout, padded[:, :, rows, cols])
            dpadded[:, :, rows, cols] += np.einsum("nfij,fc->ncij", dout, w[:, :, p, q])
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db
