def avg_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = dout.shape[2:]
    dx = np.zeros_like(x)
    # For each pixel: which windows does it lie in?
    for row in range(H):
        for column in range(W):
            for i in range(Ho):
                for j in range(Wo):
                    if i * s <= row < i * s + HH and j * s <= column < j * s + WW:
                        dx[:, :, row, column] += dout[:, :, i, j] / (HH * WW)
    return dx
