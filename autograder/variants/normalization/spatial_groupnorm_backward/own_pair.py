import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    if x.shape[1] % G != 0:
        raise ValueError("unequal groups")
    g = x.reshape(len(x), G, -1)
    s = np.sqrt(g.var(2, keepdims=True) + gn_param.get("eps", 1e-5))
    hat = (g - g.mean(2, keepdims=True)) / s
    return hat.reshape(x.shape) * gamma + beta, (hat, s, gamma, G)


def spatial_groupnorm_backward(dout, cache):
    hat, s, gamma, G = cache
    d = (dout * gamma).reshape(hat.shape)
    n = d.shape[2]
    dx = (n * d - d.sum(2, keepdims=True) - hat * (d * hat).sum(2, keepdims=True)) / (n * s)
    dgamma = (dout * hat.reshape(dout.shape)).sum((0, 2, 3), keepdims=True)
    return dx.reshape(dout.shape), dgamma, dout.sum((0, 2, 3), keepdims=True)
