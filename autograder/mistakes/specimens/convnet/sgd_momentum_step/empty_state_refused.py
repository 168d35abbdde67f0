def sgd_momentum_step(params, grads, state, lr, momentum):
    new_state = {key: momentum * state[key] - lr * grads[key] for key in params}
    new_params = {key: params[key] + new_state[key] for key in params}
    return new_params, new_state
