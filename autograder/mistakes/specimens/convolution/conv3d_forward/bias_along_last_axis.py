def conv3d_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, D, H, W = x.shape
    F, _, KD, KH, KW = w.shape
    D_out = conv_output_size(D, KD, stride, pad)
    H_out = conv_output_size(H, KH, stride, pad)
    W_out = conv_output_size(W, KW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, D_out, H_out, W_out), dtype=np.result_type(x, w, b))
    for d in range(D_out):
        for i in range(H_out):
            for j in range(W_out):
                z, y, u = d * stride, i * stride, j * stride
                block = padded[:, :, z : z + KD, y : y + KH, u : u + KW]
                out[:, :, d, i, j] = np.tensordot(block, w, axes=((1, 2, 3, 4), (1, 2, 3, 4)))
    return out + b, (x, w, b, conv_param)
