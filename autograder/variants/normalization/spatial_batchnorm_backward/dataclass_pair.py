from dataclasses import dataclass

import numpy as np

AXES = (0, 2, 3)


@dataclass
class Kept:
    hat: np.ndarray
    std: np.ndarray
    gamma: np.ndarray

    def project(self, d):
        d = d - d.mean(axis=AXES, keepdims=True)
        return d - self.hat * (d * self.hat).mean(axis=AXES, keepdims=True)


def wide(v):
    return v[None, :, None, None]


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param["mode"] not in {"train", "test"}:
        raise ValueError(f"mode {bn_param['mode']}")
    for key in ("running_mean", "running_var"):
        if key not in bn_param:
            bn_param[key] = np.zeros(x.shape[1], dtype=x.dtype)
    mean, var = bn_param["running_mean"], bn_param["running_var"]
    if bn_param["mode"] == "train":
        momentum = bn_param.get("momentum", 0.9)
        mean, var = x.mean(axis=AXES), x.var(axis=AXES)
        bn_param["running_mean"] = momentum * bn_param["running_mean"] + (1 - momentum) * mean
        bn_param["running_var"] = momentum * bn_param["running_var"] + (1 - momentum) * var
    std = np.sqrt(var + bn_param.get("eps", 1e-5))
    hat = (x - wide(mean)) / wide(std)
    return wide(gamma) * hat + wide(beta), Kept(hat, std, gamma)


def spatial_batchnorm_backward(dout, cache: Kept):
    dx = cache.project(dout) * wide(cache.gamma / cache.std)
    return dx, (dout * cache.hat).sum(AXES), dout.sum(AXES)
