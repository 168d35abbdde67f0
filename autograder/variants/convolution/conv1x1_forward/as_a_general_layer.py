import numpy as np


def conv1x1_forward(x, w, b):
    filters = w[:, :, np.newaxis, np.newaxis]
    return conv_forward_vectorized(x, filters, b, dict(stride=1, pad=0))[0]  # noqa: C408
