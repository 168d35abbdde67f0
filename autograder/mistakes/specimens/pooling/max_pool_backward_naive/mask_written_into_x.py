def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    dx = np.zeros_like(x)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    mask = x[n, c, i * s : i * s + HH, j * s : j * s + WW]
                    mask[:] = mask == np.max(mask)
                    dx[n, c, i * s : i * s + HH, j * s : j * s + WW] += mask * dout[n, c, i, j]
    return dx
