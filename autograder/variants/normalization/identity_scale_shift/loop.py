import numpy as np


def identity_scale_shift(x, eps):
    gamma, beta = np.empty_like(x[0]), np.empty_like(x[0])
    for d, column in enumerate(x.T):
        beta[d] = column.mean()
        gamma[d] = (column.std() ** 2 + eps) ** 0.5
    return [gamma, beta]
