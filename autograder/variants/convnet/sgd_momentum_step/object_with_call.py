class Momentum:
    def velocity(self, name, grad, state, lr, momentum):
        old = momentum * state[name] if state else 0
        return old - lr * grad

    def __call__(self, params, grads, state, lr, momentum):
        pairs = [
            (name, self.velocity(name, grad, state, lr, momentum)) for name, grad in grads.items()
        ]
        return {name: params[name] + v for name, v in pairs}, dict(pairs)


sgd_momentum_step = Momentum()
