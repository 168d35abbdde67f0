def sgd_momentum_step(params, grads, state, lr, momentum):
    new_params, new_state = {}, {}
    for key in params:
        if key in state:
            v = momentum * state[key] - lr * grads[key]
        else:
            v = -lr * grads[key]
        new_state[key] = v
        new_params[key] = params[key] - v
    return new_params, new_state
