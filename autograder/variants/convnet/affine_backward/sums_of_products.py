def affine_backward(dout, cache):
    x, w, _ = cache
    rows = x.reshape(x.shape[0], -1)
    dw = (rows[:, :, None] * dout[:, None, :]).sum(axis=0)
    dx = (dout[:, None, :] * w[None]).sum(axis=-1)
    dx.shape = x.shape
    return dx, dw, sum(dout)
