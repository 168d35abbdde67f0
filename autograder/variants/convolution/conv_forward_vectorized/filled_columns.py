import functools

import numpy as np


def checked(forward):
    @functools.wraps(forward)
    def wrapper(x, w, b, conv_param):
        for size, kernel in zip(x.shape[2:], w.shape[2:], strict=True):
            room = size + 2 * conv_param["pad"] - kernel
            if room < 0 or room % conv_param["stride"]:
                raise ValueError(f"kernel {kernel} does not fit into {size} with {conv_param}")
        return forward(x, w, b, **conv_param), (x, w, b, conv_param)

    return wrapper


@checked
def conv_forward_vectorized(x, w, b, *, stride, pad):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho, Wo = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = np.empty((N, C, HH, WW, Ho, Wo), dtype=x.dtype)
    for dy in range(HH):
        y_max = dy + stride * Ho
        for dx in range(WW):
            x_max = dx + stride * Wo
            col[:, :, dy, dx] = img[:, :, dy:y_max:stride, dx:x_max:stride]
    col = col.transpose(0, 4, 5, 1, 2, 3).reshape(N * Ho * Wo, -1)
    out = col.dot(w.reshape(F, -1).T) + b
    return out.reshape(N, Ho, Wo, F).transpose(0, 3, 1, 2)
