import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], mode="constant")
    heights = range(0, xp.shape[2] - w.shape[2] + 1, s)
    widths = range(0, xp.shape[3] - w.shape[3] + 1, s)
    if not heights or heights[-1] + w.shape[2] != xp.shape[2]:
        raise ValueError("rows left over")
    if not widths or widths[-1] + w.shape[3] != xp.shape[3]:
        raise ValueError("columns left over")
    out = np.empty((len(x), len(w), len(heights), len(widths)))
    for i, top in enumerate(heights):
        for j, left in enumerate(widths):
            part = xp[:, None, :, top : top + w.shape[2], left : left + w.shape[3]]
            out[:, :, i, j] = (part * w).sum(axis=(2, 3, 4)) + b
    return out, (x, w, b, conv_param)
