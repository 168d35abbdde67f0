def conv3d_forward(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    for axis in (2, 3, 4):
        conv_output_size(x.shape[axis], w.shape[axis], stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3, 4))
    windows = windows[:, :, ::stride, ::stride, ::stride]
    out = np.einsum("ncdhwpqr,fcpqr->nfdhw", windows, w)
    return out + b.reshape(1, -1, 1, 1, 1), (x, w, b, conv_param)
