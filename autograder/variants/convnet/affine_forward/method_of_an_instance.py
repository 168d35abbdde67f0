import functools

import numpy as np


class Affine:
    def __init__(self, *, flatten):
        self.flatten = flatten

    def forward(self, x, w, b):
        return np.matmul(self.flatten(x), w) + b[np.newaxis], (x, w, b)


affine_forward = functools.partial(Affine(flatten=lambda x: x.reshape(x.shape[0], -1)).forward)
