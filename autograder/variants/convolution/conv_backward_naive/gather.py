import numpy as np


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    N, F, Ho, Wo = dout.shape
    for n, f, i, j in np.ndindex(N, F, Ho, Wo):
        db[f] += dout[n, f, i, j]
        for u, v in np.ndindex(w.shape[2], w.shape[3]):
            r, k = i * s + u - p, j * s + v - p
            if 0 <= r < x.shape[2] and 0 <= k < x.shape[3]:
                dx[n, :, r, k] += dout[n, f, i, j] * w[f, :, u, v]
                dw[f, :, u, v] += dout[n, f, i, j] * x[n, :, r, k]
    return dx, dw, db
