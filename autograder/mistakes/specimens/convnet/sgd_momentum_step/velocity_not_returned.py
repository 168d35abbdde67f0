def sgd_momentum_step(params, grads, state, lr, momentum):
    new_params = {}
    for name, value in params.items():
        velocity = -lr * grads[name]
        if name in state:
            velocity = velocity + momentum * state[name]
        new_params[name] = value + velocity
    return new_params, state
