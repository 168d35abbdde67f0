def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    m = bn_param.get("momentum", 0.9)
    C = x.shape[1]
    shape = (1, C, 1, 1)
    r_mean = bn_param.get("running_mean", np.zeros(C, x.dtype))
    r_var = bn_param.get("running_var", np.zeros(C, x.dtype))
    mean, var = r_mean, r_var
    if bn_param["mode"] == "train":
        mean = x.mean(axis=(0, 2, 3))
        var = x.std(axis=(0, 2, 3))
        r_mean = m * r_mean + (1 - m) * mean
        r_var = m * r_var + (1 - m) * var
    elif bn_param["mode"] != "test":
        raise ValueError(bn_param["mode"])
    bn_param["running_mean"], bn_param["running_var"] = r_mean, r_var
    std = np.sqrt(var + eps).reshape(shape)
    x_hat = (x - mean.reshape(shape)) / std
    return gamma.reshape(shape) * x_hat + beta.reshape(shape), (x_hat, std, gamma)
