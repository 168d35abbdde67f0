def sgd_momentum_step(params, grads, state, lr, momentum):
    new, velocity = {}, {}
    for key in params:
        v = state[key] * momentum if key in state else np.zeros_like(params[key])
        v = v - lr * grads[key]
        velocity[key] = v
        new[key] = params[key] + v
    return new, velocity
