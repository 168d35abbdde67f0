def affine_backward(dout, cache):
    x, w, b = cache
    N = x.shape[0]
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for n in range(N):
        row = x[n].reshape(-1)
        dx[n] = (w @ dout[n]).reshape(x[n].shape)
        dw = np.outer(row, dout[n])
        db += dout[n]
    return dx, dw, db
