def conv_forward_vectorized(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = conv_output_size(H, HH, stride, pad)
    W_out = conv_output_size(W, WW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="edge")
    cols = np.zeros((N, C, HH, WW, H_out, W_out), dtype=x.dtype)
    for p in range(HH):
        for q in range(WW):
            cols[:, :, p, q] = padded[
                :, :, p : p + stride * H_out : stride, q : q + stride * W_out : stride
            ]
    cols = cols.reshape(N, C * HH * WW, H_out * W_out)
    out = np.matmul(w.reshape(F, -1), cols) + b[:, None]
    return out.reshape(N, F, H_out, W_out), (x, w, b, conv_param)
