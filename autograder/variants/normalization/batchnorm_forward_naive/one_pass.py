import math

import numpy as np


def batchnorm_forward_naive(x, gamma, beta, bn_param):
    """Mean and variance in one pass over the samples, by Welford's recurrence."""
    mode = bn_param["mode"]
    if mode != "train" and mode != "test":
        raise ValueError(f"{mode} is no mode")
    N, D = x.shape
    momentum = bn_param["momentum"] if "momentum" in bn_param else 0.9
    eps = bn_param["eps"] if "eps" in bn_param else 1e-5
    if "running_mean" not in bn_param:
        bn_param["running_mean"] = np.zeros(D, x.dtype)
        bn_param["running_var"] = np.zeros(D, x.dtype)
    out = np.zeros((N, D), x.dtype)
    for d in range(D):
        mean, squares = 0.0, 0.0
        for n in range(N):
            delta = float(x[n, d]) - mean
            mean += delta / (n + 1)
            squares += delta * (float(x[n, d]) - mean)
        var = squares / N
        if mode == "train":
            for key, new in (("running_mean", mean), ("running_var", var)):
                bn_param[key][d] = momentum * bn_param[key][d] + (1 - momentum) * new
        else:
            mean, var = float(bn_param["running_mean"][d]), float(bn_param["running_var"][d])
        for n in range(N):
            out[n, d] = gamma[d] * (x[n, d] - mean) / math.sqrt(var + eps) + beta[d]
    return out, (x, gamma, eps)
