def avg_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("the window does not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1
    out = np.empty((N, C, Ho, Wo), dtype=x.dtype)
    for i in range(Ho):
        for j in range(Wo):
            for p in range(HH):
                for q in range(WW):
                    out[:, :, i, j] += x[:, :, i * s + p, j * s + q] / (HH * WW)
    return out, (x, pool_param)
