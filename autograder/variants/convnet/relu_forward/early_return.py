import numpy as np


def relu_forward(x):
    if np.all(x > 0):
        return x, x
    return np.maximum(x, np.zeros_like(x)), x
