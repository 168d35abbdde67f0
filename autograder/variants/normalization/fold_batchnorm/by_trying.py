import numpy as np


def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    """What batch norm makes of b, and of b and a bit more, says how steep it is."""

    def batchnorm(y):
        return gamma * (y - running_mean) / np.sqrt(running_var + eps) + beta

    bias = batchnorm(b)
    slope = batchnorm(b + 1) - bias
    return np.moveaxis(np.moveaxis(w, 0, -1) * slope, -1, 0) if w.ndim == 4 else w * slope, bias
