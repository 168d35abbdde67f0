def conv3d_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, D, H, W = x.shape
    F, _, KD, KH, KW = w.shape
    conv_output_size(D, KD, stride, pad)
    conv_output_size(H, KH, stride, pad)
    conv_output_size(W, KW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (KD, KH, KW), axis=(2, 3, 4))
    windows = windows[:, :, :, ::stride, ::stride]
    out = np.tensordot(windows, w, axes=((1, 5, 6, 7), (1, 2, 3, 4))) + b
    return np.moveaxis(out, -1, 1), (x, w, b, conv_param)
