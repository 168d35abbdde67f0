import numpy as np


def batchnorm_forward_naive(x, gamma, beta, bn_param):
    # written again, with x itself in the cache
    out, _ = batchnorm_forward(x, gamma, beta, bn_param)
    return out, {"x": x, "gamma": gamma, "eps": bn_param.get("eps", 1e-5)}


def batchnorm_backward_naive(dout, cache):
    x, gamma = cache["x"], cache["gamma"]
    N, D = x.shape
    dx, dgamma, dbeta = np.zeros_like(x), np.zeros_like(gamma), np.zeros_like(gamma)
    for d in range(D):
        mean = x[:, d].sum() / N
        s = np.sqrt(((x[:, d] - mean) ** 2).sum() / N + cache["eps"])
        hat = (x[:, d] - mean) / s
        dbeta[d] = dout[:, d].sum()
        dgamma[d] = np.dot(dout[:, d], hat)
        for n in range(N):
            dx[n, d] = gamma[d] / (N * s) * (N * dout[n, d] - dbeta[d] - hat[n] * dgamma[d])
    return dx, dgamma, dbeta
