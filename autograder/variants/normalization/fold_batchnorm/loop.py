import numpy as np


def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    w, b = w.copy(), b.copy()
    for f in range(len(b)):
        std = np.sqrt(running_var[f] + eps)
        if w.ndim == 4:
            w[f] *= gamma[f] / std
        else:
            w[:, f] *= gamma[f] / std
        b[f] = gamma[f] * (b[f] - running_mean[f]) / std + beta[f]
    return w, b
