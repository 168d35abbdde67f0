def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = np.empty_like(x), np.empty_like(w), np.empty_like(b)
    for n in range(len(dout)):
        dx[n] = (w @ dout[n]).reshape(x[n].shape)
        dw += np.outer(x[n], dout[n])
        db += dout[n]
    return dx, dw, db
