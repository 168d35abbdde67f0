def affine_backward(dout, cache):
    x, w, db = cache
    np.sum(dout, axis=0, out=db)
    dw = x.reshape(len(x), -1).T @ dout
    dx = (dout @ w.T).reshape(x.shape)
    return dx, dw, db
