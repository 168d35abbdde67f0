import warnings

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    if mode != "train" and mode != "test":
        raise ValueError(f"unknown mode {mode}")
    if len(x) == 1 and mode == "train":
        warnings.warn("a batch of one has no variance", stacklevel=2)
    D = x.shape[1]
    if bn_param.get("running_mean") is None:
        bn_param["running_mean"] = np.zeros(D, dtype=x.dtype)
    if bn_param.get("running_var") is None:
        bn_param["running_var"] = np.zeros(D, dtype=x.dtype)
    mean, var = bn_param["running_mean"], bn_param["running_var"]
    if mode == "train":
        mean, var = np.mean(x, axis=0), np.mean(np.square(x - np.mean(x, axis=0)), axis=0)
        new_share = 1 - bn_param.get("momentum", 0.9)
        # the old value, moved a little towards that of the batch
        bn_param["running_mean"] = bn_param["running_mean"] + new_share * (
            mean - bn_param["running_mean"]
        )
        bn_param["running_var"] = bn_param["running_var"] + new_share * (
            var - bn_param["running_var"]
        )
    out = np.subtract(x, mean)
    istd = np.reciprocal(np.sqrt(var + bn_param.get("eps", 1e-5)))
    np.multiply(out, istd, out=out)
    xhat = out.copy()
    out *= gamma
    out += beta
    return out, dict(xhat=xhat, istd=istd, gamma=gamma)  # noqa: C408
