def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(len(x), -1)
    dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
    return [dx, np.einsum("nd,nm->dm", rows, dout), np.sum(dout, axis=0)]
