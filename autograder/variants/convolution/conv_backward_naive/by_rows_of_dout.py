import itertools

import numpy as np


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    HH, WW = w.shape[2:]
    kind = np.result_type(dout, x, w)
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw = np.zeros(xp.shape, kind), np.zeros(w.shape, kind)
    for i, j in itertools.product(*map(range, dout.shape[2:])):
        part = np.s_[:, :, i * s : i * s + HH, j * s : j * s + WW]
        g = dout[:, :, i, j]
        dw += np.tensordot(g, xp[part], axes=(0, 0))
        dxp[part] += np.tensordot(g, w, axes=1)
    end_h, end_w = (-p, -p) if p else (None, None)
    return dxp[:, :, p:end_h, p:end_w], dw, dout.sum((0, 2, 3))
