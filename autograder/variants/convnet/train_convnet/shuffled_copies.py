def train_convnet(params, x, y, layers, lr, momentum, batch_size, epochs, seed):
    random = np.random.RandomState(seed)
    velocity, history = {}, []
    for _ in range(epochs):
        order = np.arange(len(x))
        random.shuffle(order)
        xs, ys = x[order], y[order]
        while len(xs):
            loss, grads = convnet_loss(params, xs[:batch_size], ys[:batch_size], layers)
            params, velocity = sgd_momentum_step(params, grads, velocity, lr, momentum)
            history += [loss]
            xs, ys = xs[batch_size:], ys[batch_size:]
    return params, history
