def max_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("the window does not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1
    out = np.empty((N, C, Ho, Wo), dtype=x.dtype)
    for n in range(N):
        for i in range(Ho):
            for j in range(Wo):
                out[n, 0, i, j] = x[n, 0, i * s : i * s + HH, j * s : j * s + WW].max()
    return out, (x, pool_param)
