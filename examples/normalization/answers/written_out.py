# Nothing calls anything else, and caches are dictionaries.
# %% batchnorm_forward
def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    if mode == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        m = bn_param.get("momentum", 0.9)
        bn_param["running_mean"] = m * bn_param.get("running_mean", 0 * mean) + (1 - m) * mean
        bn_param["running_var"] = m * bn_param.get("running_var", 0 * var) + (1 - m) * var
    elif mode == "test":
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    else:
        raise ValueError("unknown mode " + mode)
    eps = bn_param.get("eps", 1e-5)
    cache = {"x": x, "gamma": gamma, "mean": mean, "var": var, "eps": eps}
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, cache


# %% batchnorm_backward
def batchnorm_backward(dout, cache):
    x, gamma, mean, var, eps = (cache[k] for k in ("x", "gamma", "mean", "var", "eps"))
    N = x.shape[0]
    std = np.sqrt(var + eps)
    dhat = dout * gamma
    dvar = np.sum(dhat * (x - mean), axis=0) * -0.5 / std**3
    dmean = -np.sum(dhat / std, axis=0)
    dx = dhat / std + dvar * 2 * (x - mean) / N + dmean / N
    return dx, np.sum(dout * (x - mean) / std, axis=0), np.sum(dout, axis=0)


# %% batchnorm_backward_alt
def batchnorm_backward_alt(dout, cache):
    x, gamma, mean, var, eps = (cache[k] for k in ("x", "gamma", "mean", "var", "eps"))
    N = x.shape[0]
    std = np.sqrt(var + eps)
    hat = (x - mean) / std
    dbeta, dgamma = np.sum(dout, axis=0), np.sum(dout * hat, axis=0)
    return gamma / (N * std) * (N * dout - dbeta - hat * dgamma), dgamma, dbeta


# %% spatial_batchnorm_forward
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
    if mode == "train":
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        m = bn_param.get("momentum", 0.9)
        bn_param["running_mean"] = m * bn_param.get("running_mean", 0 * mean) + (1 - m) * mean
        bn_param["running_var"] = m * bn_param.get("running_var", 0 * var) + (1 - m) * var
    elif mode == "test":
        mean, var = bn_param["running_mean"], bn_param["running_var"]
    else:
        raise ValueError("unknown mode " + mode)
    std = np.sqrt(var + eps)[:, None, None]
    hat = (x - mean[:, None, None]) / std
    cache = {"hat": hat, "std": std, "gamma": gamma}
    return gamma[:, None, None] * hat + beta[:, None, None], cache


# %% spatial_batchnorm_backward
def spatial_batchnorm_backward(dout, cache):
    hat, std, gamma = cache["hat"], cache["std"], cache["gamma"]
    n = dout.size // dout.shape[1]
    dbeta, dgamma = dout.sum(axis=(0, 2, 3)), (dout * hat).sum(axis=(0, 2, 3))
    inner = n * dout - dbeta[:, None, None] - hat * dgamma[:, None, None]
    return gamma[:, None, None] / (n * std) * inner, dgamma, dbeta
