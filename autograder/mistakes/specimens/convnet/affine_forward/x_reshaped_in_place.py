def affine_forward(x, w, b):
    x.shape = (x.shape[0], -1)
    out = x.dot(w) + b
    return out, (x, w, b)
