def avg_pool_forward_vectorized(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("the windows do not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1

    def mean(n, c, i, j):
        return x[n, c, i * s : i * s + HH, j * s : j * s + WW].mean()

    n, c, i, j = np.ogrid[:N, :C, :Ho, :Wo]
    return np.vectorize(mean, otypes=[x.dtype])(n, c, i, j), (x, pool_param)
