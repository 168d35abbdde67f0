def conv1x1_forward(x, w, b):
    N, C, H, W = x.shape
    pixels = x.transpose(0, 2, 3, 1).reshape(N * H * W, C)
    out = np.dot(pixels, w) + b
    return out.reshape(N, H, W, -1).transpose(0, 3, 1, 2)
