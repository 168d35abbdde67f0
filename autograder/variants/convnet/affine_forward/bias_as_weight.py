import numpy as np


def affine_forward(x, w, b):
    """A one at the end of each row, and the bias as the last row of the weights."""
    rows = np.c_[x.reshape(len(x), -1), np.ones(len(x), x.dtype)]
    return rows.dot(np.vstack([w, b])), (x, w, b)
