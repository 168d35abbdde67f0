def max_pool_forward_vectorized(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("the windows do not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1
    out = np.zeros((N, C, Ho, Wo), dtype=x.dtype)
    for i in range(Ho):
        for j in range(Wo):
            out[:, :, i, j] = x[:, :, i * s : i * s + HH, j * s : j * s + WW].max(axis=(2, 3))
    return out, (x, pool_param)
