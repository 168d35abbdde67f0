import numpy as np


def conv3d_forward(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C = x.shape[:2]
    F, _, *kernel = w.shape
    places = tuple(conv_output_size(n, k, s, p) for n, k in zip(x.shape[2:], kernel, strict=True))
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p), (p, p)))
    sn, sc, *along = xp.strides
    cols = np.lib.stride_tricks.as_strided(
        xp,
        shape=(N, *places, C, *kernel),
        strides=(sn, *(s * step for step in along), sc, *along),
    ).reshape(N, np.prod(places), -1)
    out = cols @ w.reshape(F, -1).T + b
    return np.swapaxes(out, 1, 2).reshape(N, F, *places), (x, w, b, conv_param)
