def affine_forward(x, w, b):
    N = x.shape[0]
    flat = x.reshape(N, -1)
    out = flat.dot(w)
    return out, (x, w, b)
