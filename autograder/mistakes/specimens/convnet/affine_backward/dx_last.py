def affine_backward(dout, cache):
    x, w, b = cache
    flat = x.reshape(x.shape[0], -1)
    dw = flat.T.dot(dout)
    db = dout.sum(axis=0)
    dx = dout.dot(w.T).reshape(x.shape)
    return dw, db, dx
