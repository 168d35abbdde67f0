import numpy as np


def layernorm_backward(dout, cache):
    normalized, std, gamma = cache
    D = dout.shape[1]
    total = np.einsum("nd,d->n", dout, gamma)
    along = np.einsum("nd,nd,d->n", dout, normalized, gamma)
    dx = gamma * dout - (total[:, None] + along[:, None] * normalized) / D
    dx /= std
    dgamma = np.einsum("nd,nd->d", dout, normalized)
    return dx, dgamma, np.add.reduce(dout, axis=0)
