def sgd_momentum_step(params, grads, state, lr, momentum):
    new_params = {}
    for name in params:
        if name not in state:
            state[name] = np.zeros_like(params[name])
        state[name] = momentum * state[name] - lr * grads[name]
        new_params[name] = params[name] + state[name]
    return new_params, state
