import operator

import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    """Nothing that counting Python's steps would see: a function of C is called for each number."""
    mode = bn_param["mode"]
    zeros = np.zeros_like(gamma)
    rm, rv = bn_param.get("running_mean", zeros), bn_param.get("running_var", zeros)
    mean, var = rm, rv
    if mode == "train":
        m = bn_param.get("momentum", 0.9)
        mean, var = x.mean(0), x.var(0)
        rm, rv = m * rm + (1 - m) * mean, m * rv + (1 - m) * var
    elif mode != "test":
        raise ValueError(mode)
    bn_param["running_mean"], bn_param["running_var"] = rm, rv
    subtract, divide, add, multiply = (
        np.frompyfunc(f, 2, 1) for f in (operator.sub, operator.truediv, operator.add, operator.mul)
    )
    hat = divide(subtract(x, mean), np.sqrt(var + bn_param.get("eps", 1e-5)))
    return add(multiply(hat, gamma), beta).astype(x.dtype), None
