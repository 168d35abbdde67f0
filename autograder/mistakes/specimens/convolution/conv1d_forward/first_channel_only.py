def conv1d_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, L = x.shape
    F, _, K = w.shape
    L_out = conv_output_size(L, K, stride, pad)
    out = np.zeros((N, F, L_out), dtype=np.result_type(x, w, b))
    for n in range(N):
        signal = np.zeros(L + 2 * pad, dtype=x.dtype)
        signal[pad : pad + L] = x[n][0]
        for f in range(F):
            for i in range(L_out):
                out[n, f, i] = np.dot(signal[i * stride : i * stride + K], w[f][0]) + b[f]
    return out, (x, w, b, conv_param)
