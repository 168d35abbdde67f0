import numpy as np


def identity_scale_shift(x, eps):
    """Let the layer tell: with momentum 0 the running statistics are those of the batch."""
    told = {"mode": "train", "momentum": 0.0, "eps": eps}
    batchnorm_forward(x, np.ones_like(x[0]), np.zeros_like(x[0]), told)
    return np.sqrt(told["running_var"] + eps), told["running_mean"]
