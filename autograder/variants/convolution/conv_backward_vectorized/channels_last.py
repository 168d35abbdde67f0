import numpy as np


def conv_backward_vectorized(dout, cache):
    x, w, _, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    img = np.pad(x.transpose(0, 2, 3, 1), ((0, 0), (p, p), (p, p), (0, 0)))
    g = dout.transpose(0, 2, 3, 1)
    N, Ho, Wo, F = g.shape
    kind = np.result_type(dout, x, w)
    dimg = np.zeros(img.shape, kind)
    dw = np.empty(w.shape, kind)
    rows = g.reshape(-1, F)
    for u in range(w.shape[2]):
        for v in range(w.shape[3]):
            piece = np.s_[:, u : u + s * Ho : s, v : v + s * Wo : s]
            dw[:, :, u, v] = rows.T @ img[piece].reshape(-1, img.shape[3])
            dimg[piece] += g @ w[:, :, u, v]
    H, W = x.shape[2:]
    return dimg[:, p : p + H, p : p + W].transpose(0, 3, 1, 2), dw, rows.sum(axis=0)
