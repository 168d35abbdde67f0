import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    for size, kernel in ((H, HH), (W, WW)):
        if kernel > size + 2 * pad or (size + 2 * pad - kernel) % stride != 0:
            raise ValueError("the filter does not fit")
    out = np.zeros((N, F, (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1))
    for n in range(N):
        for f in range(F):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    out[n, f, i, j] = b[f]
                    for c in range(C):
                        for p in range(HH):
                            for q in range(WW):
                                r, k = i * stride + p - pad, j * stride + q - pad
                                if 0 <= r < H and 0 <= k < W:
                                    out[n, f, i, j] += x[n, c, r, k] * w[f, c, p, q]
    return out, (x, w, b, conv_param)
