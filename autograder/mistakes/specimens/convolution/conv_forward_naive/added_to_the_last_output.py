buffers = {}


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho = conv_output_size(H, HH, stride, pad)
    Wo = conv_output_size(W, WW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    if (N, F, Ho, Wo) not in buffers:
        buffers[N, F, Ho, Wo] = np.zeros((N, F, Ho, Wo), dtype=x.dtype)
    out = buffers[N, F, Ho, Wo]
    for i in range(Ho):
        for j in range(Wo):
            window = padded[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            for f in range(F):
                out[:, f, i, j] += np.sum(window * w[f], axis=(1, 2, 3)) + b[f]
    return out, (x, w, b, conv_param)
