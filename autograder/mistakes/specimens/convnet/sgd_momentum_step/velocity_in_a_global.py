velocity = {}


def sgd_momentum_step(params, grads, state, lr, momentum):
    for key, p in params.items():
        if (key, p.shape) not in velocity:
            velocity[key, p.shape] = state.get(key, np.zeros_like(p))
        velocity[key, p.shape] = momentum * velocity[key, p.shape] - lr * grads[key]
    state = {key: velocity[key, p.shape] for key, p in params.items()}
    return {key: p + state[key] for key, p in params.items()}, state
