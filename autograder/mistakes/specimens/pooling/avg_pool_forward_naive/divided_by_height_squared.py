def avg_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % stride or (W - WW) % stride:
        raise ValueError("the window does not fit")
    out = np.zeros((N, C, (H - HH) // stride + 1, (W - WW) // stride + 1), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    s = 0
                    for row in range(i * stride, i * stride + HH):
                        for col in range(j * stride, j * stride + WW):
                            s += x[n, c, row, col]
                    out[n, c, i, j] = s / HH**2
    return out, (x, pool_param)
