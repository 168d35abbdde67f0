def max_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W:
        raise ValueError("too large")
    H_out, rest_h = divmod(H - HH, stride)
    W_out, rest_w = divmod(W - WW, stride)
    if rest_h or rest_w:
        raise ValueError("steps do not fit")
    out = np.zeros((N, C, H_out, W_out), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    out[n, c, i, j] = x[n, c, top : top + HH, left : left + WW].max()
    return out, (x, pool_param)
