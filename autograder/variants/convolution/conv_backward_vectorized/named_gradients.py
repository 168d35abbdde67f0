from collections import namedtuple

Gradients = namedtuple("Gradients", "dx dw db")


def conv_backward_vectorized(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    v = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], (2, 3))[:, :, ::s, ::s]
    dw = np.einsum("nfhw,nchwij->fcij", dout, v, optimize=True)
    dxp = np.zeros_like(xp)
    for i, j in np.ndindex(*w.shape[2:]):
        part = np.einsum("nfhw,fc->nchw", dout, w[:, :, i, j], optimize=True)
        dxp[:, :, i : i + s * dout.shape[2] : s, j : j + s * dout.shape[3] : s] += part
    dx = dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    return Gradients(dx, dw, dout.sum((0, 2, 3)))
