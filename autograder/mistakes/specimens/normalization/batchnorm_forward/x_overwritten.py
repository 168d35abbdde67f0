def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    D = x.shape[1]
    r_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    r_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    mean, var = r_mean, r_var
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        r_mean = momentum * r_mean + (1 - momentum) * mean
        r_var = momentum * r_var + (1 - momentum) * var
    elif bn_param["mode"] != "test":
        raise ValueError("train or test?")
    bn_param["running_mean"], bn_param["running_var"] = r_mean, r_var
    std = np.sqrt(var + eps)
    x -= mean
    x /= std
    return gamma * x + beta, (x.copy(), std, gamma)
