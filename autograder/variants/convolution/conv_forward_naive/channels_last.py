import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    stride = conv_param["stride"]
    pad = conv_param["pad"]
    images = x.transpose(0, 2, 3, 1)
    filters = w.transpose(2, 3, 1, 0)
    N, H, W, C = images.shape
    HH, WW, _, F = filters.shape
    big = np.zeros((N, H + 2 * pad, W + 2 * pad, C), x.dtype)
    big[:, pad : H + pad, pad : W + pad, :] = images
    shape = (N, conv_output_size(H, HH, stride, pad), conv_output_size(W, WW, stride, pad), F)
    out = np.zeros(shape, np.result_type(x, w))
    it = np.nditer(out, flags=["multi_index"], op_flags=["readwrite"])
    for value in it:
        n, i, j, f = it.multi_index
        total = b[f]
        for u in range(HH):
            for v in range(WW):
                total = total + big[n, i * stride + u, j * stride + v] @ filters[u, v, :, f]
        value[...] = total
    return out.transpose(0, 3, 1, 2), (x, w, b, conv_param)
