def batchnorm_forward_naive(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    if mode not in ["train", "test"]:
        raise ValueError(mode)
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = np.array(bn_param.get("running_mean", np.zeros(D)), dtype=x.dtype)
    running_var = np.array(bn_param.get("running_var", np.zeros(D)), dtype=x.dtype)
    out, x_hat, stds = np.zeros_like(x), np.zeros_like(x), np.zeros(D, dtype=x.dtype)
    for d in range(D):
        column = x[:, d]
        if mode == "train":
            mean = column.mean()
            var = ((column - mean) ** 2).mean()
            running_mean[d] = momentum * running_mean[d] + (1 - momentum) * mean
            running_var[d] = momentum * running_var[d] + (1 - momentum) * var
        else:
            mean = running_mean[d]
            var = running_var[d]
        stds[d] = np.sqrt(var) + eps
        x_hat[:, d] = (column - mean) / stds[d]
        out[:, d] = gamma[d] * x_hat[:, d] + beta[d]
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, (x_hat, stds, gamma)
