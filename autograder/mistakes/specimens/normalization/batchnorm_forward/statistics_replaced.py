def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    zeros = np.zeros(x.shape[1], dtype=x.dtype)
    if mode == "train":
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        bn_param["running_mean"] = mean
        bn_param["running_var"] = var
    elif mode == "test":
        mean = bn_param.setdefault("running_mean", zeros)
        var = bn_param.setdefault("running_var", zeros)
    else:
        raise ValueError("mode must be 'train' or 'test'")
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, (x_hat, std, gamma)
