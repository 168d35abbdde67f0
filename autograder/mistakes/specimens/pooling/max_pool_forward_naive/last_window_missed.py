def max_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % stride or (W - WW) % stride:
        raise ValueError("the window does not fit")
    out = np.zeros((N, C, (H - HH) // stride + 1, (W - WW) // stride + 1), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i, top in enumerate(range(0, H - HH, stride)):
                for j, left in enumerate(range(0, W - WW, stride)):
                    out[n, c, i, j] = np.max(x[n, c, top : top + HH, left : left + WW])
    return out, (x, pool_param)
