def sgd_momentum_step(params, grads, state, lr, momentum):
    new_params, new_state = {}, {}
    for name in params:
        v = -lr * grads[name]
        new_state[name] = v
        new_params[name] = params[name] + v
    return new_params, new_state
