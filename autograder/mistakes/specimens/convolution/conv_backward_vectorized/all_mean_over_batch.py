def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    _, _, HH, WW = w.shape
    H_out, W_out = dout.shape[2:]
    dout = dout / N
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    db = dout.sum(axis=(0, 2, 3))
    dw = np.zeros_like(w)
    dpadded = np.zeros_like(padded)
    for p in range(HH):
        for q in range(WW):
            rows = slice(p, p + stride * H_out, stride)
            cols = slice(q, q + stride * W_out, stride)
            dw[:, :, p, q] = np.tensordot(
                dout, padded[:, :, rows, cols], axes=([0, 2, 3], [0, 2, 3])
            )
            dpadded[:, :, rows, cols] += np.einsum("nfij,fc->ncij", dout, w[:, :, p, q])
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db
