import numpy as np


def instancenorm_forward(x, gamma, beta, in_param):
    mean = lambda a: np.mean(a, axis=(-2, -1), keepdims=True)  # noqa: E731
    centred = x - mean(x)
    inverse = (mean(centred**2) + in_param.get("eps", 1e-5)) ** -0.5
    hat = centred * inverse
    cache = {
        "dx": lambda d: inverse * (d * gamma - mean(d * gamma) - hat * mean(d * gamma * hat)),
        "dgamma": lambda d: np.sum(d * hat, axis=(0, 2, 3)).reshape(gamma.shape),
        "dbeta": lambda d: np.sum(d, axis=(0, 2, 3)).reshape(beta.shape),
    }
    return hat * gamma + beta, cache


def instancenorm_backward(dout, cache):
    return tuple(cache[name](dout) for name in ("dx", "dgamma", "dbeta"))
