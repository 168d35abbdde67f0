import numpy as np


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    h, w, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    dx = np.zeros(x.shape, dtype=x.dtype)
    for (n, c, i, j), g in np.ndenumerate(dout):
        window = {
            (i * s + p, j * s + q): x[n, c, i * s + p, j * s + q]
            for p in range(h)
            for q in range(w)
        }
        row, column = max(window, key=window.get)  # the first of equal ones
        dx[n, c, row, column] += g
    return dx
