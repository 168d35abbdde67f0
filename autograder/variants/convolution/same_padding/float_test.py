import numpy as np


def same_padding(kernel):
    pad = (kernel - 1) / 2
    if not pad.is_integer():
        raise ValueError("Kernel must be odd")
    return np.int32(pad)
