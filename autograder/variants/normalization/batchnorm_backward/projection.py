import numpy as np


def batchnorm_backward(dout, cache):
    hat, std, gamma = cache
    n = dout.shape[0]
    g = dout - np.einsum("nd->d", dout) / n
    # hat sums to zero, so the product with the centred gradient is that with the gradient
    g = g - hat * (np.einsum("nd,nd->d", hat, g) / n)
    return gamma * g / std, np.einsum("nd,nd->d", hat, dout), np.einsum("nd->d", dout)
