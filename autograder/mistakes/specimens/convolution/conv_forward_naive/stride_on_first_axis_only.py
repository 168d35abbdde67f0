def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    out_h = conv_output_size(H, HH, stride, pad)
    out_w = conv_output_size(W, WW, stride, pad)
    image = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, out_h, out_w), dtype=np.result_type(x, w, b))
    for n in range(N):
        for f in range(F):
            top = 0
            for i in range(out_h):
                left = 0
                for j in range(out_w):
                    window = image[n, :, top : top + HH, left : left + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
                    left += 1
                top += stride
    return out, (x, w, b, conv_param)
