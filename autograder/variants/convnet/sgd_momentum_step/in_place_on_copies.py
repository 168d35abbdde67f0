import copy

import numpy as np


def sgd_momentum_step(params, grads, state, lr, momentum):
    params, state = copy.deepcopy(params), copy.deepcopy(state)
    for name in params:
        v = state.setdefault(name, np.zeros_like(params[name]))
        v *= momentum
        v -= lr * grads[name]
        params[name] += v
    return params, state
