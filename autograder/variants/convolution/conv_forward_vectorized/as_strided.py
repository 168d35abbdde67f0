import numpy as np


def conv_forward_vectorized(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    if HH > H + 2 * p or WW > W + 2 * p or (H + 2 * p - HH) % s or (W + 2 * p - WW) % s:
        raise ValueError("the filter does not fit")
    Ho, Wo = 1 + (H + 2 * p - HH) // s, 1 + (W + 2 * p - WW) // s
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    n, c, h, q = xp.strides
    cols = np.lib.stride_tricks.as_strided(
        xp, (N, C, HH, WW, Ho, Wo), (n, c, h, q, h * s, q * s), writeable=False
    ).reshape(N, C * HH * WW, Ho * Wo)
    out = np.matmul(w.reshape(F, -1), cols).reshape(N, F, Ho, Wo) + b.reshape(1, F, 1, 1)
    return out, (x, w, b, conv_param)
