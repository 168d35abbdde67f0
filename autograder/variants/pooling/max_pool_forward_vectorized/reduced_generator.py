import functools

import numpy as np


def offsets(x, h, w, s):
    H, W = x.shape[2:]
    for p in range(h):
        for q in range(w):
            yield x[:, :, p : H - h + p + 1 : s, q : W - w + q + 1 : s]


def max_pool_forward_vectorized(x, pool_param):
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H, W = x.shape[2:]
    if not (h <= H and w <= W and (H - h) % s == 0 == (W - w) % s):
        raise ValueError("check the sizes")
    out = functools.reduce(np.maximum, offsets(x, h, w, s))
    # with a window of one pixel that is still a view of x
    return np.array(out), (x, pool_param)
