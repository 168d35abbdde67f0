import numpy as np


def standardize(x, *, axis, eps):
    mu = np.mean(x, axis=axis, keepdims=True)
    inv = 1.0 / np.sqrt(np.mean((x - mu) ** 2, axis=axis, keepdims=True) + eps)
    return (x - mu) * inv, inv


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    x_hat, inv = standardize(x, axis=-1, eps=eps)
    out = np.multiply(gamma, x_hat)
    np.add(out, beta, out=out)
    return out, (x_hat, inv, gamma, lambda: standardize(x, axis=-1, eps=eps))
