import numpy as np


def spatial_groupnorm_backward(dout, cache):
    hat, std, gamma = cache
    g = (dout * gamma).reshape(hat.shape)
    dx = np.empty_like(g)
    for i in range(hat.shape[1]):
        part, h = g[:, i], hat[:, i]
        mean = part.mean(axis=(1, 2, 3), keepdims=True)
        along = (part * h).mean(axis=(1, 2, 3), keepdims=True)
        dx[:, i] = (part - mean - h * along) / std[:, i]
    sums = {"axis": (0, 2, 3), "keepdims": True}
    return dx.reshape(dout.shape), (dout * hat.reshape(dout.shape)).sum(**sums), dout.sum(**sums)
