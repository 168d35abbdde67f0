import numpy as np


def correlate(images, kernels):
    """(N, A, h, w) with (B, A, p, q), stride 1, no padding."""
    v = np.lib.stride_tricks.sliding_window_view(images, kernels.shape[2:], axis=(2, 3))
    return np.moveaxis(np.tensordot(v, kernels, axes=((1, 4, 5), (1, 2, 3))), 3, 1)


def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    N, F, Ho, Wo = dout.shape
    HH, WW = w.shape[2:]
    spread = np.zeros((N, F, (Ho - 1) * s + 1, (Wo - 1) * s + 1), dtype=dout.dtype)
    spread[..., ::s, ::s] = dout
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))

    border = np.pad(spread, ((0, 0), (0, 0), (HH - 1, HH - 1), (WW - 1, WW - 1)))
    turned = np.rot90(w, 2, axes=(2, 3)).swapaxes(0, 1)
    dx = correlate(border, turned)[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    dw = correlate(xp.swapaxes(0, 1), spread.swapaxes(0, 1)).swapaxes(0, 1)
    return dx, dw, dout.sum(axis=3).sum(axis=2).sum(axis=0)
