import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    zeros = np.zeros_like(gamma)
    rm, rv = bn_param.get("running_mean", zeros), bn_param.get("running_var", zeros)
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mu, var = (x.mean(0), x.var(0)) if mode == "train" else (rm, rv)
    if mode == "train":
        bn_param["running_mean"] = m * rm + (1 - m) * mu
        bn_param["running_var"] = m * rv + (1 - m) * var
    elif mode != "test":
        raise ValueError(mode)
    return gamma * (x - mu) / np.sqrt(var + eps) + beta, (x, gamma, mu, var, eps)


def batchnorm_backward(dout, cache):
    x, gamma, mu, var, eps = cache
    N = x.shape[0]
    ivar = 1 / np.sqrt(var + eps)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * (x - mu) * -0.5 * ivar**3, axis=0)
    dmu = np.sum(-dxhat * ivar, axis=0) + dvar * np.mean(-2 * (x - mu), axis=0)
    dx = dxhat * ivar + dvar * 2 * (x - mu) / N + dmu / N
    return dx, np.sum(dout * (x - mu) * ivar, axis=0), np.sum(dout, axis=0)
