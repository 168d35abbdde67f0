import numpy as np


def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    size = (pool_param["pool_height"], pool_param["pool_width"])
    s = pool_param["stride"]
    stamp = np.ones(size, dtype=x.dtype) / np.prod(size)

    def stamped(index):
        n, c, i, j = index
        sheet = np.zeros(x.shape, x.dtype)
        sheet[n, c, i * s : i * s + size[0], j * s : j * s + size[1]] = stamp * dout[index]
        return sheet

    return sum(map(stamped, np.ndindex(dout.shape)), start=np.zeros_like(x))
