import numpy as np


def compose_convs(w1, w2):
    M, C, a, b = w1.shape
    F, _, c, d = w2.shape
    w = np.zeros((F, C, a + c - 1, b + d - 1))
    for f, m, ch, i, j, k, l in np.ndindex(F, M, C, a, b, c, d):
        w[f, ch, i + k, j + l] += w1[m, ch, i, j] * w2[f, m, k, l]
    return w
