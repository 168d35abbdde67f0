def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    rows = slice(i * stride, i * stride + HH)
                    cols = slice(j * stride, j * stride + WW)
                    grad = np.zeros(HH * WW, dtype=x.dtype)
                    grad[np.argmax(x[n, c, rows, cols])] = dout[n, c, i, j]
                    dx[n, c, rows, cols] = grad.reshape(HH, WW)
    return dx
