import numpy as np


class Relu:
    @staticmethod
    def slope(x):
        return np.heaviside(x, 0)

    @classmethod
    def backward(cls, dout, cache):
        return dout * cls.slope(cache)


relu_backward = Relu.backward
