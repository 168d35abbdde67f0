import numpy as np


def conv_backward_naive(dout, cache):
    """dx is a convolution of the spread-out dout with the filters turned by 180 degrees."""
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, Ho, Wo = dout.shape
    spread = np.zeros((N, F, stride * (Ho - 1) + 1, stride * (Wo - 1) + 1), dout.dtype)
    spread[:, :, ::stride, ::stride] = dout
    spread = np.pad(spread, ((0, 0), (0, 0), (HH - 1, HH - 1), (WW - 1, WW - 1)))
    turned = w[:, :, ::-1, ::-1]
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    top, left = i + pad, j + pad
                    window = spread[n, :, top : top + HH, left : left + WW]
                    dx[n, c, i, j] = np.sum(window * turned[:, c])
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dw = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        f, c, u, v = index
        seen = padded[:, c, u : u + stride * Ho : stride, v : v + stride * Wo : stride]
        dw[index] = np.sum(seen * dout[:, f])
    db = np.array([dout[:, f].sum() for f in range(F)], dtype=dout.dtype)
    return dx, dw, db
