def sgd_momentum_step(params, grads, state, lr, momentum):
    new_state = {}
    for key in params:
        v = momentum * state.get(key, 0) - lr * grads[key]
        new_state[key] = v
        params[key] += v
    return params, new_state
