def max_pool_forward_vectorized(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % stride or (W - WW) % stride:
        raise ValueError("the window does not fit")
    H_out, W_out = (H - HH) // stride + 1, (W - WW) // stride + 1
    out = np.zeros((N, C, H_out, W_out), dtype=x.dtype)
    for p in range(HH):
        for q in range(WW):
            shifted = x[:, :, p : p + stride * H_out : stride, q : q + stride * W_out : stride]
            out = np.maximum(out, shifted)
    return out, (x, pool_param)
