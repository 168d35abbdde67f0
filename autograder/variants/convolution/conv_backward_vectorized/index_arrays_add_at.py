import numpy as np


def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho, Wo = dout.shape[2:]
    i = np.repeat(np.arange(HH), WW)[:, None] + stride * np.repeat(np.arange(Ho), Wo)
    j = np.tile(np.arange(WW), HH)[:, None] + stride * np.tile(np.arange(Wo), Ho)
    i, j = np.tile(i, (C, 1)), np.tile(j, (C, 1))
    k = np.repeat(np.arange(C), HH * WW)[:, None]

    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    cols = padded[:, k, i, j]
    d = dout.reshape(N, F, -1)
    dw = np.einsum("nfl,nkl->fk", d, cols, optimize=True).reshape(w.shape)
    dcols = np.einsum("fk,nfl->nkl", w.reshape(F, -1), d, optimize=True)
    dpadded = np.zeros(padded.shape, dcols.dtype)
    np.add.at(dpadded, (slice(None), k, i, j), dcols)
    return dpadded[:, :, pad : H + pad, pad : W + pad], dw, d.sum(axis=(0, 2))
