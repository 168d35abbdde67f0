def conv_forward_vectorized(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = conv_output_size(H, HH, stride, pad)
    W_out = conv_output_size(W, WW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out), dtype=np.result_type(x, w, b))
    for p in range(HH):
        for q in range(WW):
            part = padded[:, :, p : p + stride * H_out : stride, q : q + stride * W_out : stride]
            out += np.einsum("nchw,fc->nfhw", part, w[:, :, p, q])
    return out + b, (x, w, b, conv_param)
