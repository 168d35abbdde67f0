from dataclasses import dataclass, field

import numpy as np


@dataclass
class Trainer:
    params: dict
    layers: object
    lr: float
    momentum: float
    state: dict = field(default_factory=dict)
    losses: list = field(default_factory=list)

    def step(self, x, y):
        loss, grads = convnet_loss(self.params, x, y, self.layers)
        self.losses.append(loss)
        self.params, self.state = sgd_momentum_step(
            self.params, grads, self.state, self.lr, self.momentum
        )

    def epoch(self, x, y, batch_size):
        if len(x) == 0:
            return
        self.step(x[:batch_size], y[:batch_size])
        self.epoch(x[batch_size:], y[batch_size:], batch_size)


def train_convnet(params, x, y, layers, lr, momentum, batch_size, epochs, seed):
    trainer = Trainer(params, layers, lr, momentum)
    for number in range(epochs):
        order = np.random.default_rng([seed, number]).permutation(x.shape[0])
        trainer.epoch(x[order], y[order], batch_size)
    return trainer.params, trainer.losses
