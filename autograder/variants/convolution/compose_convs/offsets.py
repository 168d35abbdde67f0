import numpy as np


def compose_convs(w1, w2):
    h1, k1 = w1.shape[2:]
    h2, k2 = w2.shape[2:]
    w = np.zeros((w2.shape[0], w1.shape[1], h1 + h2 - 1, k1 + k2 - 1))
    for i in range(h2):
        for j in range(k2):
            w[:, :, i : i + h1, j : j + k1] += np.einsum("fm,mcpq->fcpq", w2[:, :, i, j], w1)
    return w
