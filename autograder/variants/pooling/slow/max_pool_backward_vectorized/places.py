def max_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = dout.shape[2:]
    dx = np.zeros_like(x)
    n, c = np.arange(N)[:, None], np.arange(C)
    for i in range(Ho):
        for j in range(Wo):
            window = x[:, :, i * s : i * s + HH, j * s : j * s + WW].reshape(N, C, -1)
            p, q = np.divmod(window.argmax(axis=2), WW)
            dx[n, c, i * s + p, j * s + q] += dout[:, :, i, j]
    return dx
