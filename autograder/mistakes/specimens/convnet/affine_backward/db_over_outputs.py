def affine_backward(dout, cache):
    x, w, b = cache
    flat = np.reshape(x, (x.shape[0], -1))
    dx = np.matmul(dout, w.T).reshape(x.shape)
    dw = np.matmul(flat.T, dout)
    db = np.sum(dout, axis=1)
    return dx, dw, db
