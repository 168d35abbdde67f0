import numpy as np


def conv_backward_vectorized(dout, cache):
    x, w, _b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for n in range(x.shape[0]):
        for i in range(w.shape[2]):
            for j in range(w.shape[3]):
                rows = slice(i, i + s * dout.shape[2], s)
                cols = slice(j, j + s * dout.shape[3], s)
                dw[:, :, i, j] += np.tensordot(dout[n], xp[n, :, rows, cols], ((1, 2), (1, 2)))
                dxp[n, :, rows, cols] += np.tensordot(w[:, :, i, j], dout[n], (0, 0))
    H, W = x.shape[2:]
    return dxp[:, :, p : p + H, p : p + W], dw, dout.sum(axis=(0, 2, 3))
