def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho = conv_output_size(H, HH, stride, pad)
    Wo = conv_output_size(W, WW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, Ho, Wo), dtype=x.dtype)
    for i in range(Ho):
        for j in range(Wo):
            for p in range(HH):
                for q in range(WW):
                    pixels = padded[:, :, i * stride + p, j * stride + q]
                    out[:, :, i, j] += pixels @ w[:, :, p, q].T + b
    return out, (x, w, b, conv_param)
