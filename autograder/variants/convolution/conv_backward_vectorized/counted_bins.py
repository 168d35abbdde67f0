import numpy as np


def conv_backward_vectorized(dout, cache):
    """dx by one big weighted bincount over the flat numbers of the padded pixels."""
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    HH, WW = w.shape[2:]
    padded = np.zeros((N, C, H + 2 * p, W + 2 * p), dtype=x.dtype)
    padded[:, :, p : p + H, p : p + W] = x
    numbers = np.arange(padded.size).reshape(padded.shape)
    view = np.lib.stride_tricks.sliding_window_view
    patches = view(padded, (HH, WW), axis=(2, 3))[:, :, ::s, ::s]
    where = view(numbers, (HH, WW), axis=(2, 3))[:, :, ::s, ::s]

    dw = np.tensordot(dout, patches, axes=[(0, 2, 3), (0, 2, 3)])
    dpatches = np.moveaxis(np.tensordot(dout, w, axes=[1, 0]), 3, 1)
    flat = np.bincount(where.ravel(), weights=dpatches.ravel(), minlength=padded.size)
    dx = flat.reshape(padded.shape)[:, :, p : p + H, p : p + W]
    return dx.astype(np.result_type(dout, x, w)), dw, np.einsum("nfij->f", dout)
