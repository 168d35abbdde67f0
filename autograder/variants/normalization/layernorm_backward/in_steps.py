import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    mu = x.mean(1)[:, None]
    var = ((x - mu) ** 2).mean(1)[:, None]
    inverse = 1 / np.sqrt(var + ln_param.get("eps", 1e-5))
    return gamma * ((x - mu) * inverse) + beta, {
        "centred": x - mu,
        "inverse": inverse,
        "gamma": gamma,
    }


def layernorm_backward(dout, cache):
    centred, inverse, gamma = cache["centred"], cache["inverse"], cache["gamma"]
    D = dout.shape[1]
    dhat = dout * gamma
    dinverse = (dhat * centred).sum(1, keepdims=True)
    dvar = dinverse * -0.5 * inverse**3
    dcentred = dhat * inverse + 2 * centred * dvar / D
    dx = dcentred - dcentred.sum(1, keepdims=True) / D
    return dx, (dout * centred * inverse).sum(0), dout.sum(0)
