import itertools

import numpy as np


def largest(values):
    if len(values) == 1:
        return values[0]
    middle = len(values) // 2
    return max(largest(values[:middle]), largest(values[middle:]))


def max_pool_forward_naive(x, pool_param):
    HH = pool_param["pool_height"]
    WW = pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    for size, window in [(H, HH), (W, WW)]:
        if window > size:
            raise ValueError("window too large")
        if (size - window) % stride != 0:
            raise ValueError("last step does not end at the border")
    out = np.full((N, C, 1 + (H - HH) // stride, 1 + (W - WW) // stride), -np.inf, x.dtype)
    for n, c, i, j in itertools.product(*map(range, out.shape)):
        window = x[n, c, i * stride :, j * stride :][:HH, :WW]
        out[n, c, i, j] = largest(window.flatten().tolist())
    return out, (x, pool_param)
