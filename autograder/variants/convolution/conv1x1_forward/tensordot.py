import numpy as np


def conv1x1_forward(x, w, b):
    return np.moveaxis(np.tensordot(x, w, axes=(1, 1)) + b, -1, 1)
