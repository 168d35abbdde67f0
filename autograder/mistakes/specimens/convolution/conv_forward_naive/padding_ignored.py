def conv_forward_naive(x, w, b, conv_param):
    stride = conv_param["stride"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = conv_output_size(H, HH, stride)
    W_out = conv_output_size(W, WW, stride)
    out = np.zeros((N, F, H_out, W_out), dtype=np.result_type(x, w, b))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    r, s = i * stride, j * stride
                    out[n, f, i, j] = np.sum(x[n, :, r : r + HH, s : s + WW] * w[f]) + b[f]
    cache = (x, w, b, conv_param)
    return out, cache
