def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], dtype=x.dtype))
    batch_mean = np.mean(x, axis=0)
    batch_var = np.var(x, axis=0)
    if mode == "train":
        mean, var = batch_mean, batch_var
    elif mode == "test":
        mean, var = running_mean, running_var
    else:
        raise ValueError("mode must be train or test")
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * batch_mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * batch_var
    return out, (x_hat, std, gamma)
