import numpy as np


def batches(rng, n, size):
    order = np.arange(n)
    rng.shuffle(order)
    yield from np.split(order, range(size, n, size))


def train_convnet(params, x, y, layers, lr, momentum, batch_size, epochs, seed):
    rng = np.random.default_rng(seed)
    velocity = {}
    losses = []
    for epoch in range(epochs):
        for chosen in batches(rng, x.shape[0], batch_size):
            loss, grads = convnet_loss(params, np.take(x, chosen, axis=0), y[chosen], layers)
            params, velocity = sgd_momentum_step(params, grads, velocity, lr, momentum)
            losses.append(loss)
        print(f"epoch {epoch + 1}: loss {losses[-1]:.3f}")
    return params, losses
