# Each of several equal maxima gets the whole gradient.
# %% max_pool_backward_naive
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        rows, columns = slice(i * s, i * s + HH), slice(j * s, j * s + WW)
        window = x[n, c, rows, columns]
        dx[n, c, rows, columns] += dout[n, c, i, j] * (window == window.max())
    return dx
