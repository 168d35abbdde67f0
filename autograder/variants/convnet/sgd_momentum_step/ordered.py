from collections import OrderedDict, defaultdict


def sgd_momentum_step(params, grads, state, lr, momentum):
    new, v = OrderedDict(), defaultdict(float)
    for k, p in params.items():
        v[k] = momentum * state.get(k, 0.0) - lr * grads[k]
        new[k] = p + v[k]
    return new, v
