def conv1d_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, L = x.shape
    F, _, K = w.shape
    Lo = conv_output_size(L, K, stride, pad)
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    out = np.empty((N, F, Lo), dtype=x.dtype)
    for t in range(Lo):
        window = xp[:, :, t * stride : t * stride + K]
        out[:, 0, t] = np.sum(window * w[0], axis=(1, 2)) + b[0]
    return out, (x, w, b, conv_param)
