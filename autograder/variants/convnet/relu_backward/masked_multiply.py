import numpy as np


def relu_backward(dout, cache):
    dx = np.zeros_like(dout)
    np.copyto(dx, dout, where=np.greater(cache, 0))
    return dx
