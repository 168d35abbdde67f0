import numpy as np


def conv_output_size(size, kernel, stride=1, pad=0):
    starts = np.arange(-pad, size + pad - kernel + 1, stride)
    if len(starts) == 0 or starts[-1] + kernel != size + pad:
        raise ValueError
    return np.int64(len(starts))
