import numpy as np


def avg_pool_backward_naive(dout, cache):
    (x, pool_param) = cache
    hh, ww, step = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    tops = range(0, x.shape[2], step)
    lefts = range(0, x.shape[3], step)
    for grad, target in zip(dout, dx, strict=True):
        for plane, out in zip(grad, target, strict=True):
            for row, top in zip(plane, tops, strict=False):
                for g, left in zip(row, lefts, strict=False):
                    out[top : top + hh, left : left + ww] += g / hh / ww
    return dx
