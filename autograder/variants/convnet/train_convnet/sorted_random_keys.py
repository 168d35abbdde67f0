import random


def train_convnet(params, x, y, layers, lr, momentum, batch_size, epochs, seed):
    """With Python's own generator, and the step written out, on copies of the arrays."""
    generator = random.Random(seed)
    params = {name: value.copy() for name, value in params.items()}
    speed = {name: 0 * value for name, value in params.items()}
    losses = []
    numbers = list(range(len(x)))
    for _ in range(epochs):
        numbers.sort(key=lambda _: generator.random())
        for start in range(0, len(numbers), batch_size):
            part = numbers[start : start + batch_size]
            loss, grads = convnet_loss(params, x[part], y[part], layers)
            for name, grad in grads.items():
                speed[name] = momentum * speed[name] - lr * grad
                params[name] += speed[name]
            losses.append(float(loss))
    return params, losses
