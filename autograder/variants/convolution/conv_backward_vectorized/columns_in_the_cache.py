from collections import namedtuple

import numpy as np

Extra = namedtuple("Extra", ["columns", "padded_shape"])


def columns_of(x, w, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    v = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    return Extra(v.transpose(1, 4, 5, 0, 2, 3).reshape(w[0].size, -1), xp.shape)


def conv_forward_vectorized(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    Ho = conv_output_size(x.shape[2], w.shape[2], s, p)
    Wo = conv_output_size(x.shape[3], w.shape[3], s, p)
    extra = columns_of(x, w, conv_param)
    out = w.reshape(len(w), -1) @ extra.columns + b[:, None]
    out = out.reshape(len(w), len(x), Ho, Wo).swapaxes(0, 1)
    return out, (x, w, b, conv_param, extra)


def conv_backward_vectorized(dout, cache):
    x, w, _, conv_param = cache[:4]
    extra = cache[4] if len(cache) > 4 else columns_of(x, w, conv_param)
    s, p = conv_param["stride"], conv_param["pad"]
    N, F, Ho, Wo = dout.shape
    d = dout.transpose(1, 0, 2, 3).reshape(F, -1)
    dw = (d @ extra.columns.T).reshape(w.shape)
    dcols = (w.reshape(F, -1).T @ d).reshape(*w.shape[1:], N, Ho, Wo)
    dxp = np.zeros(extra.padded_shape, dtype=dcols.dtype)
    for u, v in np.ndindex(w.shape[2:]):
        dxp[:, :, u : u + s * Ho : s, v : v + s * Wo : s] += dcols[:, u, v].swapaxes(0, 1)
    return dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]], dw, d.sum(axis=1)
