import numpy as np


def avg_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape[::-1], x.dtype).T
    H, W = x.shape[2:]
    for p in range(h):
        for q in range(w):
            dx[:, :, p : H - h + p + 1 : s, q : W - w + q + 1 : s] += dout / (h * w)
    dx.flags.writeable = False
    return dx
