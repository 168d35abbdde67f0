import numpy as np


def conv_backward_vectorized(dout, cache):
    x, w, _b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    v = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], (2, 3))[:, :, ::s, ::s]
    dw = np.tensordot(dout, v, ((0, 2, 3), (0, 2, 3)))
    dcols = np.tensordot(dout, w, (1, 0))  # N, Ho, Wo, C, HH, WW
    dxp = np.zeros_like(xp)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            rows = slice(i, i + s * dout.shape[2], s)
            cols = slice(j, j + s * dout.shape[3], s)
            dxp[:, :, rows, cols] += dcols[..., i, j].transpose(0, 3, 1, 2)
    H, W = x.shape[2:]
    return dxp[:, :, p : p + H, p : p + W], dw, dout.sum(axis=(0, 2, 3))
