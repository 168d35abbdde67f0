import numpy as np


def conv1x1_forward(x, w, b):
    pixels = np.rollaxis(x, 1, 4)
    return np.rollaxis(pixels @ w.T + b, 3, 1)
