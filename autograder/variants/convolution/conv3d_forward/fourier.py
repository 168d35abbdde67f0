import numpy as np


def conv3d_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    for axis in (2, 3, 4):
        conv_output_size(x.shape[axis], w.shape[axis], stride, pad)
    xp = np.pad(x, [(0, 0), (0, 0)] + [(pad, pad)] * 3)
    size, axes = xp.shape[2:], (2, 3, 4)
    signal, kernel = np.fft.rfftn(xp, size, axes), np.fft.rfftn(w, size, axes)
    product = np.einsum("ncijk,fcijk->nfijk", signal, np.conj(kernel))
    whole = np.fft.irfftn(product, size, axes)
    keep = tuple(slice(0, n - k + 1, stride) for n, k in zip(size, w.shape[2:], strict=True))
    out = whole[(slice(None), slice(None), *keep)] + b[:, None, None, None]
    return out.astype(np.result_type(x, w, b)), (x, w, b, conv_param)
