def avg_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % stride or (W - WW) % stride:
        raise ValueError("the window does not fit")
    Ho = (H - HH) // stride + 1
    Wo = (W - WW) // stride + 1
    out = np.zeros((N, C, Ho, Wo), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    h, w = i * stride, j * stride
                    out[n, c, i, j] = np.mean(x[n, c, h : h + HH, w : w + WW])
    return out.tolist(), (x, pool_param)
