import numpy as np


def conv_backward_vectorized(dout, cache):
    x, w, _b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    v = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], (2, 3))[:, :, ::s, ::s]
    dw = np.einsum("nfhw,nchwij->fcij", dout, v)
    dxp = np.zeros_like(xp)
    dv = np.lib.stride_tricks.sliding_window_view(dxp, w.shape[2:], (2, 3), writeable=True)
    shares = np.einsum("nfhw,fcij->nchwij", dout, w)
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            dv[:, :, ::s, ::s, i, j] += shares[..., i, j]
    H, W = x.shape[2:]
    return dxp[:, :, p : p + H, p : p + W], dw, dout.sum((0, 2, 3))
