import math
from itertools import product

import numpy as np


def avg_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    (N, C, H, W) = x.shape
    rows, row_rest = divmod(H - HH, s)
    cols, col_rest = divmod(W - WW, s)
    if rows < 0 or cols < 0 or row_rest or col_rest:
        raise ValueError("does not fit")
    window = list(product(range(HH), range(WW)))
    out = np.zeros((N, C, rows + 1, cols + 1)).astype(x.dtype)
    for n, c in product(range(N), range(C)):
        for i, j in product(range(rows + 1), range(cols + 1)):
            out[n, c, i, j] = math.fsum(x[n, c, s * i + p, s * j + q] for p, q in window)
    out /= len(window)
    return out, (x, pool_param)
