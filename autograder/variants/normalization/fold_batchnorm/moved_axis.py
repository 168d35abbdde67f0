import numpy as np


def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    is_filter = w.ndim > 2
    last = np.moveaxis(w, 0, -1) if is_filter else w
    zero, one = np.zeros_like(b), np.ones_like(b)

    def batchnorm(v, *, mean=running_mean, shift=beta):
        return gamma * (v - mean) / np.sqrt(running_var + eps) + shift

    folded = last * batchnorm(one, mean=zero, shift=zero)
    return np.moveaxis(folded, -1, 0) if is_filter else folded, batchnorm(b)
