import numpy as np


def batchnorm_backward_naive(dout, cache):
    """The whole Jacobian of each feature, entry by entry."""
    normalized, stds, gamma = cache
    N, D = dout.shape
    dx = np.zeros(dout.shape, dout.dtype)
    for d in range(D):
        for i in range(N):
            total = 0
            for j in range(N):
                same = 1 if i == j else 0
                product = normalized[i, d] * normalized[j, d]
                total += dout[j, d] * (same - 1 / N - product / N)
            dx[i, d] = gamma[d] * total / stds[d]
    return [dx, (dout * normalized).sum(0), dout.sum(0)]
