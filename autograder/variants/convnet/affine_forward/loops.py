def affine_forward(x, w, b):
    out = np.zeros((x.shape[0], w.shape[1]), dtype=np.result_type(x, w, b))
    for n in range(x.shape[0]):
        out[n] = x[n].reshape(-1).dot(w) + b
    cache = (x, w, b)
    return out, cache
