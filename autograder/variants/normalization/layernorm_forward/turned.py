import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    """Batch norm of the transposed array, then scale and shift."""
    one, zero = np.ones(len(x), x.dtype), np.zeros(len(x), x.dtype)
    hat, cache = batchnorm_forward(x.T, one, zero, {"mode": "train", **ln_param})
    return hat.T * gamma + beta, (cache, hat.T, gamma)
