def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H, W = x.shape
    _, _, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    largest = np.max(x[n, c, top : top + HH, left : left + WW])
                    for row in range(H):
                        for col in range(W):
                            if x[n, c, row, col] == largest:
                                dx[n, c, row, col] += dout[n, c, i, j]
    return dx
