import numpy as np


def avg_pool_backward_vectorized(dout, cache):
    x, pool_param = cache
    h, w, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    Ho, Wo = dout.shape[2:]
    rows = s * np.arange(Ho)[:, None, None, None] + np.arange(h)[:, None]
    cols = s * np.arange(Wo)[:, None, None] + np.arange(w)
    dx = np.zeros_like(x)
    np.add.at(dx, np.s_[:, :, rows, cols], dout[..., None, None] / (h * w))
    return dx
