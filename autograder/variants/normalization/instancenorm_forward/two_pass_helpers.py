import math

import numpy as np


def moments(a, axes):
    mean = np.add.reduce(a, axes, keepdims=True) / math.prod(a.shape[k] for k in axes)
    rest = a - mean
    # the second term corrects the rounding of the mean
    var = np.mean(rest**2, axes, keepdims=True) - np.mean(rest, axes, keepdims=True) ** 2
    return mean, var


def instancenorm_forward(x, gamma, beta, in_param):
    mean, var = moments(x, (2, 3))
    slope = gamma / np.sqrt(var + in_param.get("eps", 1e-5))
    return slope * (x - mean) + beta, (mean, var, slope)
