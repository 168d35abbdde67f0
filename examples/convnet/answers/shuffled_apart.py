# %% train_convnet
def train_convnet(params, x, y, layers, lr, momentum, batch_size, epochs, seed):
    """Train a network.

    Arguments:
        params, x, y, layers: as for convnet_loss
        lr, momentum: float
        batch_size, epochs: int
        seed: int, of the random order; the same seed gives the same result

    Returns: (params, losses), the trained parameters, and a list with the loss of each step.
    The arguments are not changed.
    """
    rng = np.random.default_rng(seed)
    state, losses = {}, []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = convnet_loss(params, x[batch], y[start : start + batch_size], layers)
            params, state = sgd_momentum_step(params, grads, state, lr, momentum)
            losses.append(loss)
    return params, losses
