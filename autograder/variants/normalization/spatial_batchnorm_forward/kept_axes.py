import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    axes, wide = (0, 2, 3), (1, -1, 1, 1)
    mode = bn_param["mode"]
    momentum, eps = bn_param.get("momentum", 0.9), bn_param.get("eps", 1e-5)
    for key in ("running_mean", "running_var"):
        bn_param.setdefault(key, np.zeros(x.shape[1], x.dtype))
    if mode == "train":
        mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
        for key, value in (("running_mean", mean), ("running_var", var)):
            bn_param[key] = momentum * bn_param[key] + (1 - momentum) * value.reshape(-1)
    elif mode == "test":
        mean, var = bn_param["running_mean"].reshape(wide), bn_param["running_var"].reshape(wide)
    else:
        raise ValueError(mode)
    hat = (x - mean) / np.sqrt(var + eps)
    return hat * gamma.reshape(wide) + beta.reshape(wide), (hat, gamma, var, eps)
