def conv1x1_forward(x, w, b):
    N, C, H, W = x.shape
    F = w.shape[0]
    out = np.zeros((N, F, H, W), dtype=np.result_type(x, w, b))
    for f in range(F):
        for c in range(C):
            out[:, f] += w[f, c] * x[:, c] + b[f]
    return out
