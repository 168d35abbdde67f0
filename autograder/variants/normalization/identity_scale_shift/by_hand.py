import numpy as np


def identity_scale_shift(x, eps):
    mean = np.sum(x, axis=0) / len(x)
    return np.sqrt(np.mean((x - mean) ** 2, axis=0) + eps), mean
