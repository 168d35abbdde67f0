def affine_backward(dout, cache):
    x, w, b = cache
    N = x.shape[0]
    flat = x.reshape(N, -1)
    dx = np.dot(dout, w.T).reshape(x.shape)
    dw = np.dot(flat.T, dout)
    db = np.mean(dout, axis=0)
    return dx, dw, db
