def max_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    HH, WW = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    _, _, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    share = dout / (HH * WW)
    for p in range(HH):
        for q in range(WW):
            dx[:, :, p : p + stride * H_out : stride, q : q + stride * W_out : stride] += share
    return dx
