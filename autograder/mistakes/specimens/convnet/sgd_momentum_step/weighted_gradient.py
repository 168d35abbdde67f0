def sgd_momentum_step(params, grads, state, lr, momentum):
    new_params, new_state = {}, {}
    for name in params:
        old = state.get(name, np.zeros_like(params[name]))
        new_state[name] = momentum * old - (1 - momentum) * lr * grads[name]
        new_params[name] = params[name] + new_state[name]
    return new_params, new_state
