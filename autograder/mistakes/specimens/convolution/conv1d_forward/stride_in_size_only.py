def conv1d_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, L = x.shape
    F, _, K = w.shape
    L_out = conv_output_size(L, K, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    out = np.zeros((N, F, L_out), dtype=np.result_type(x, w, b))
    for k in range(K):
        out += w[:, :, k] @ padded[:, :, k : k + L_out]
    return out + b[:, None], (x, w, b, conv_param)
