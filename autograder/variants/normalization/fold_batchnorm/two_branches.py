import numpy as np


def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    s = gamma * (running_var + eps) ** -0.5
    if len(w.shape) == 2:
        new = w @ np.diag(s)
    else:
        new = np.einsum("f,fchw->fchw", s, w)
    return new, s * b + (beta - s * running_mean)
