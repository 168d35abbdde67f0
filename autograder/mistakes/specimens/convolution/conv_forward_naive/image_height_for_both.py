def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    size = conv_output_size(H, HH, stride, pad)
    conv_output_size(W, WW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, size, size), dtype=np.result_type(x, w, b))
    for n in range(N):
        for f in range(F):
            for i in range(size):
                for j in range(size):
                    total = b[f]
                    for c in range(C):
                        for p in range(HH):
                            for q in range(WW):
                                pixel = padded[n, c, i * stride + p, j * stride + q]
                                total += pixel * w[f, c, p, q]
                    out[n, f, i, j] = total
    return out, (x, w, b, conv_param)
