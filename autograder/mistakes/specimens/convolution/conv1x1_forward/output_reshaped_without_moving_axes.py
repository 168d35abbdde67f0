def conv1x1_forward(x, w, b):
    N, C, H, W = x.shape
    F = w.shape[0]
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out = np.dot(pixels, w.T) + b
    return out.reshape(N, F, H, W)
