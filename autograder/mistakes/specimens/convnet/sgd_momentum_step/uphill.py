def sgd_momentum_step(params, grads, state, lr, momentum):
    new_params, new_state = {}, {}
    for key in params:
        v = state[key] if key in state else np.zeros(params[key].shape)
        v = momentum * v + lr * grads[key]
        new_state[key] = v
        new_params[key] = params[key] + v
    return new_params, new_state
