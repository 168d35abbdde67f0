def sgd_momentum_step(params, grads, state, lr, momentum):
    new_params, new_state = {}, {}
    for key in params:
        v = state.get(key, np.zeros_like(params[key]))
        v = momentum * v + lr * grads[key]
        new_params[key] = params[key] - v
        new_state[key] = v
    return new_params, new_state
