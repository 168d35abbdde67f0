# The running statistics are written into a copy of bn_param, and layer norm takes the wrong axis.
# %% batchnorm_forward
def batchnorm_forward(x, gamma, beta, bn_param):
    settings = {"eps": 1e-5, "momentum": 0.9, **bn_param}
    zeros = np.zeros_like(gamma)
    settings.setdefault("running_mean", zeros)
    settings.setdefault("running_var", zeros)
    m = settings["momentum"]
    if settings["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        settings["running_mean"] = m * settings["running_mean"] + (1 - m) * mean
        settings["running_var"] = m * settings["running_var"] + (1 - m) * var
    elif settings["mode"] == "test":
        mean, var = settings["running_mean"], settings["running_var"]
    else:
        raise ValueError("mode")
    std = np.sqrt(var + settings["eps"])
    return gamma * (x - mean) / std + beta, ((x - mean) / std, std, gamma)


# %% layernorm_forward
def layernorm_forward(x, gamma, beta, ln_param):
    std = np.sqrt(x.var(axis=0) + ln_param.get("eps", 1e-5))
    normalized = (x - x.mean(axis=0)) / std
    return gamma * normalized + beta, (normalized, std, gamma)
