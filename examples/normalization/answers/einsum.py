# Sums by letters.
# %% batchnorm_forward
def batchnorm_forward(x, gamma, beta, bn_param):
    N = x.shape[0]
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if bn_param["mode"] not in ("train", "test"):
        raise ValueError("mode must be train or test")
    if bn_param["mode"] == "train":
        mean = np.einsum("nd->d", x) / N
        var = np.einsum("nd,nd->d", x - mean, x - mean) / N
        for key, value in (("running_mean", mean), ("running_var", var)):
            before = bn_param.get(key, np.zeros_like(value))
            bn_param[key] = momentum * before + (1 - momentum) * value
    else:
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    inverse = 1 / np.sqrt(var + eps)
    hat = np.einsum("nd,d->nd", x - mean, inverse)
    return np.einsum("nd,d->nd", hat, gamma) + beta, (hat, inverse, gamma)


# %% batchnorm_backward
def batchnorm_backward(dout, cache):
    hat, inverse, gamma = cache
    N = dout.shape[0]
    dbeta, dgamma = np.einsum("nd->d", dout), np.einsum("nd,nd->d", dout, hat)
    return gamma * inverse * (dout - dbeta / N - hat * dgamma / N), dgamma, dbeta


# %% batchnorm_backward_alt
def batchnorm_backward_alt(dout, cache):
    return batchnorm_backward(dout, cache)


# %% layernorm_forward
def layernorm_forward(x, gamma, beta, ln_param):
    D = x.shape[1]
    centred = x - np.einsum("nd->n", x)[:, None] / D
    var = np.einsum("nd,nd->n", centred, centred) / D
    std = np.sqrt(var + ln_param.get("eps", 1e-5))[:, None]
    return centred / std * gamma + beta, (centred / std, std, gamma)


# %% layernorm_backward
def layernorm_backward(dout, cache):
    hat, std, gamma = cache
    D = dout.shape[1]
    g = dout * gamma
    sums = np.einsum("nd->n", g)[:, None], np.einsum("nd,nd->n", g, hat)[:, None]
    dx = (g - sums[0] / D - hat * sums[1] / D) / std
    return dx, np.einsum("nd,nd->d", dout, hat), np.einsum("nd->d", dout)


# %% fold_batchnorm
def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    scale = gamma / np.sqrt(running_var + eps)
    letters = "fchw,f->fchw" if w.ndim == 4 else "df,f->df"
    return np.einsum(letters, w, scale), scale * (b - running_mean) + beta
