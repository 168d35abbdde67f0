import numpy as np


def conv3d_forward(x, w, b, conv_param):
    """For each slice of the kernel, a plane convolution of all frames that it meets."""
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, D, H, W = x.shape
    F, _, KD = w.shape[:3]
    frames = conv_output_size(D, KD, s, p)
    film = np.pad(x, ((0, 0), (0, 0), (p, p), (0, 0), (0, 0))).swapaxes(1, 2)
    out = 0
    for d in range(KD):
        met = film[:, d : d + s * frames : s].reshape(-1, C, H, W)
        out = out + conv_forward_vectorized(met, w[:, :, d], np.zeros_like(b), conv_param)[0]
    out = out.reshape(N, frames, F, *out.shape[2:]).swapaxes(1, 2)
    return out + b.reshape(-1, 1, 1, 1), (x, w, b, conv_param)
