def batchnorm_forward_naive(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    if mode != "train" and mode != "test":
        raise ValueError("wrong mode")
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    zeros = np.zeros(D, dtype=x.dtype)
    running_mean = np.copy(bn_param.get("running_mean", zeros))
    running_var = np.copy(bn_param.get("running_var", zeros))
    out = np.zeros_like(x)
    x_hat = np.zeros_like(x)
    stds = np.zeros(D, dtype=x.dtype)
    for d in range(D):
        mean, var = running_mean[d], running_var[d]
        if mode == "train":
            mean = sum(x[n, d] for n in range(N)) / N
            var = sum((x[n, d] - mean) ** 2 for n in range(N)) / N
            running_mean[d] = momentum * running_mean[d] + (1 - momentum) * mean
            running_var[d] = momentum * running_var[d] + (1 - momentum) * var
        stds[d] = np.sqrt(var)
        for n in range(N):
            x_hat[n, d] = (x[n, d] - mean) / stds[d]
            out[n, d] = gamma[d] * x_hat[n, d] + beta[d]
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return out, (x_hat, stds, gamma)
