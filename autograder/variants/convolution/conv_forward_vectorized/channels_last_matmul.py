import numpy as np


def conv_forward_vectorized(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho, Wo = conv_output_size(H, HH, s, p), conv_output_size(W, WW, s, p)
    nhwc = np.zeros((N, H + 2 * p, W + 2 * p, C), dtype=x.dtype)
    nhwc[:, p : p + H, p : p + W] = np.moveaxis(x, 1, -1)
    hwcf = w.transpose(2, 3, 1, 0)
    out = np.zeros((N, Ho, Wo, F), dtype=np.result_type(x, w, b))
    for u in range(HH):
        for v in range(WW):
            out += nhwc[:, u : u + s * Ho : s, v : v + s * Wo : s] @ hwcf[u, v]
    out += b
    return np.moveaxis(out, -1, 1), (x, w, b, conv_param)
