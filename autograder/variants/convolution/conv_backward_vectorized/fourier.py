import numpy as np


def conv_backward_vectorized(dout, cache):
    x, w, _, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    H, W = x.shape[2:]
    HH, WW = w.shape[2:]
    kind = np.result_type(dout, x, w)
    size = (H + 2 * p, W + 2 * p)
    dense = np.zeros((*dout.shape[:2], size[0] - HH + 1, size[1] - WW + 1), dtype=dout.dtype)
    dense[:, :, ::s, ::s] = dout
    X = np.fft.rfft2(np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))))
    K, D = np.fft.rfft2(w, size), np.fft.rfft2(dense, size)
    dx = np.fft.irfft2(np.einsum("nfhw,fchw->nchw", D, K, optimize=True), size)
    dw = np.fft.irfft2(np.einsum("nfhw,nchw->fchw", D.conj(), X, optimize=True), size)
    dx, dw = dx[:, :, p : p + H, p : p + W], dw[:, :, :HH, :WW]
    return dx.astype(kind), dw.astype(kind), dout.sum(axis=(0, 2, 3))
