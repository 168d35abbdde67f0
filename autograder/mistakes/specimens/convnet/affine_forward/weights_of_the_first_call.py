def affine_forward(x, w, b, memory={}):
    if w.shape not in memory:
        memory[w.shape] = w
    flat = x.reshape(x.shape[0], -1)
    return (flat @ memory[w.shape] + b).astype(x.dtype), (x, w, b)
