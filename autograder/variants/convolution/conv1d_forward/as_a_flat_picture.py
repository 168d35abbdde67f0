import numpy as np


def conv1d_forward(x, w, b, conv_param):
    pad = conv_param["pad"]
    wide = np.pad(x, ((0, 0), (0, 0), (pad, pad)))[:, :, None, :]
    settings = {"stride": conv_param["stride"], "pad": 0}
    out, _ = conv_forward_naive(wide, w[:, :, None, :], b, settings)
    return np.squeeze(out, axis=2), (x, w, b, conv_param)
