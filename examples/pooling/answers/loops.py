# Own loops over every pixel; of equal maxima the last one gets the gradient.
# %% max_pool_forward_naive
def max_pool_forward_naive(x, pool_param):
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("does not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1
    out = np.zeros((N, C, Ho, Wo), x.dtype)
    for i in range(Ho):
        for j in range(Wo):
            for n in range(N):
                for c in range(C):
                    best = x[n, c, i * s, j * s]
                    for p in range(HH):
                        for q in range(WW):
                            best = max(best, x[n, c, i * s + p, j * s + q])
                    out[n, c, i, j] = best
    return out, (x, pool_param)


# %% max_pool_backward_naive
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        row, column = i * s, j * s
        for p in range(i * s, i * s + HH):
            for q in range(j * s, j * s + WW):
                if x[n, c, p, q] >= x[n, c, row, column]:
                    row, column = p, q
        dx[n, c, row, column] += dout[n, c, i, j]
    return dx


# %% avg_pool_forward_naive
def avg_pool_forward_naive(x, pool_param):
    HH, WW, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("does not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1
    out = np.zeros((N, C, Ho, Wo), x.dtype)
    for i in range(Ho):
        for j in range(Wo):
            for p in range(HH):
                for q in range(WW):
                    out[:, :, i, j] += x[:, :, i * s + p, j * s + q]
    return out / (HH * WW), (x, pool_param)
