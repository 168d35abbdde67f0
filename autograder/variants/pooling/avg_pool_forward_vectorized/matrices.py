def averages(size, window, stride):
    rows = np.arange(0, size - window + 1, stride)[:, None]
    columns = np.arange(size)
    return ((columns >= rows) & (columns < rows + window)) / window


def avg_pool_forward_vectorized(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % s or (W - WW) % s:
        raise ValueError("the windows do not fit")
    Ho, Wo = (H - HH) // s + 1, (W - WW) // s + 1
    left, right = averages(H, HH, s).astype(x.dtype), averages(W, WW, s).astype(x.dtype)
    return left @ x @ right.T, (x, pool_param)
