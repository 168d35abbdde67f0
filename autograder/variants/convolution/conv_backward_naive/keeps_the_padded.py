import numpy as np


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho, Wo = conv_output_size(H, HH, s, p), conv_output_size(W, WW, s, p)
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    out = np.zeros((N, F, Ho, Wo), np.result_type(x, w, b))
    for n in range(N):
        for i in range(Ho):
            for j in range(Wo):
                window = xp[n, :, i * s : i * s + HH, j * s : j * s + WW]
                out[n, :, i, j] = np.sum(w * window, axis=(1, 2, 3)) + b
    return out, (x, w, b, conv_param, xp)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param, *more = cache
    s, p = conv_param["stride"], conv_param["pad"]
    xp = more[0] if more else np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw, db = (np.zeros_like(a) for a in (xp, w, b))
    N, F, Ho, Wo = dout.shape
    for n in range(N):
        for i in range(Ho):
            for j in range(Wo):
                where = np.s_[n, :, i * s : i * s + w.shape[2], j * s : j * s + w.shape[3]]
                for f in range(F):
                    dxp[where] += w[f] * dout[n, f, i, j]
                    dw[f] += xp[where] * dout[n, f, i, j]
                db += dout[n, :, i, j]
    return dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]], dw, db
