def max_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("the windows do not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1
    out = np.full((N, C, Ho, Wo), -np.inf, dtype=x.dtype)
    where = np.zeros((N, C, Ho, Wo), dtype=int)
    for n, c, i, j in np.ndindex(out.shape):
        window = x[n, c, i * s : i * s + HH, j * s : j * s + WW]
        where[n, c, i, j] = np.argmax(window)
        out[n, c, i, j] = window.flat[where[n, c, i, j]]
    return out, (x, pool_param, where)
