def max_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W:
        raise ValueError("window is larger than the picture")
    if (H - HH) % stride != 0 or (W - WW) % stride != 0:
        raise ValueError("window does not end at the border")
    H_out = (H - HH) // stride + 1
    W_out = (W - WW) // stride + 1
    out = np.zeros((N, C, H_out, W_out), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    best = 0
                    for p in range(HH):
                        for q in range(WW):
                            value = x[n, c, i * stride + p, j * stride + q]
                            if value > best:
                                best = value
                    out[n, c, i, j] = best
    return out, (x, pool_param)
