import numpy as np


def starts(size, window, stride):
    last = size - window
    if last < 0 or last % stride:
        raise ValueError(f"{window} in steps of {stride} does not fit into {size}")
    return range(0, last + 1, stride)


def max_pool_forward_naive(x, pool_param):
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    tops, lefts = starts(x.shape[2], h, s), starts(x.shape[3], w, s)
    out = [
        [[[np.amax(plane[t : t + h, k : k + w]) for k in lefts] for t in tops] for plane in picture]
        for picture in x
    ]
    return np.array(out, dtype=x.dtype), (x, pool_param)
