def max_pool_forward_naive(x, pool_param):
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    if HH > H or WW > W or (H - HH) % stride or (W - WW) % stride:
        raise ValueError("the window does not fit")
    H_out = H // HH
    W_out = W // WW
    out = np.zeros((N, C, H_out, W_out), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * HH : (i + 1) * HH, j * WW : (j + 1) * WW]
                    out[n, c, i, j] = window.max()
    return out, (x, pool_param)
