import numpy as np


def conv_output_size(size, kernel, stride=1, pad=0):
    room = np.array(size + 2 * pad - kernel)
    if room < 0 or room % stride:
        raise ValueError
    return np.array(room // stride + 1)
