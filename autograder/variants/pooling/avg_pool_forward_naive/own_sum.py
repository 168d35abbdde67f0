def avg_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("the windows do not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1
    out = np.zeros((N, C, Ho, Wo), x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    total = 0.0
                    for p in range(HH):
                        for q in range(WW):
                            total += x[n, c, i * s + p, j * s + q]
                    out[n, c, i, j] = total / (HH * WW)
    return out, (x, pool_param)
