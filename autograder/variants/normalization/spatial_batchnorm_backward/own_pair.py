import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    out, _ = batchnorm_forward(np.moveaxis(x, 1, 3).reshape(-1, x.shape[1]), gamma, beta, bn_param)
    out = np.moveaxis(out.reshape(x.shape[0], *x.shape[2:], x.shape[1]), 3, 1)
    return out, (x, gamma, bn_param.get("eps", 1e-5))


def spatial_batchnorm_backward(dout, cache):
    x, gamma, eps = cache
    axes = (0, 2, 3)
    s = np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    hat = (x - x.mean(axis=axes, keepdims=True)) / s
    mean = dout.mean(axis=axes, keepdims=True)
    along = (dout * hat).mean(axis=axes, keepdims=True)
    dx = gamma[:, None, None] * (dout - mean - hat * along) / s
    return dx, np.einsum("nchw,nchw->c", dout, hat), np.einsum("nchw->c", dout)
