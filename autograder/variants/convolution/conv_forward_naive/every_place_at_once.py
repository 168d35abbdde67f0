import itertools

import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho, Wo = conv_output_size(H, HH, s, p), conv_output_size(W, WW, s, p)
    canvas = np.zeros((N, C, H + 2 * p, W + 2 * p), dtype=x.dtype)
    canvas[:, :, p : p + H, p : p + W] = x
    out = np.zeros((N, F, Ho, Wo), dtype=np.result_type(x, w, b))
    for j, i, f, n in itertools.product(range(Wo), range(Ho), range(F), range(N)):
        patch = canvas[n, :, i * s : i * s + HH, j * s : j * s + WW]
        out[n, f, i, j] = np.vdot(patch, w[f]) + b[f]
    return out, (x, w, b, conv_param)
