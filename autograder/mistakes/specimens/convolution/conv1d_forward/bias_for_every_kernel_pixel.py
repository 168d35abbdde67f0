def conv1d_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, L = x.shape
    F, _, K = w.shape
    Lo = conv_output_size(L, K, stride, pad)
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    out = np.zeros((N, F, Lo), dtype=x.dtype)
    for t in range(Lo):
        for k in range(K):
            out[:, :, t] += xp[:, :, t * stride + k] @ w[:, :, k].T
            out[:, :, t] += b
    return out, (x, w, b, conv_param)
