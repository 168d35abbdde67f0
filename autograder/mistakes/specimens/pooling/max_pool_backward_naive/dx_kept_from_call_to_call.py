_dx = {}


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = _dx.setdefault(x.shape, np.zeros(x.shape, dtype=x.dtype))
    for n, c, i, j in np.ndindex(dout.shape):
        window = x[n, c, i * s : i * s + HH, j * s : j * s + WW]
        p, q = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * s + p, j * s + q] += dout[n, c, i, j]
    return dx
