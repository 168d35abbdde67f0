def conv1d_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, L = x.shape
    F, _, K = w.shape
    L_out = conv_output_size(L, K, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    out = np.zeros((N, F, L_out), dtype=np.result_type(x, w, b))
    for n in range(N):
        for f in range(F):
            for c in range(C):
                full = np.convolve(padded[n, c], w[f, c], mode="valid")
                out[n, f] += full[::stride]
            out[n, f] += b[f]
    return out, (x, w, b, conv_param)
