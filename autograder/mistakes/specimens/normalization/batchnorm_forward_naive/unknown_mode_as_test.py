def batchnorm_forward_naive(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    N, D = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype)).copy()
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype)).copy()
    out = np.zeros_like(x)
    x_hat = np.zeros_like(x)
    stds = np.zeros(D, dtype=x.dtype)
    for d in range(D):
        if bn_param["mode"] == "train":
            mean = np.mean(x[:, d])
            var = np.mean((x[:, d] - mean) ** 2)
            running_mean[d] = momentum * running_mean[d] + (1 - momentum) * mean
            running_var[d] = momentum * running_var[d] + (1 - momentum) * var
        else:
            mean = running_mean[d]
            var = running_var[d]
        stds[d] = np.sqrt(var + eps)
        for n in range(N):
            x_hat[n, d] = (x[n, d] - mean) / stds[d]
            out[n, d] = gamma[d] * x_hat[n, d] + beta[d]
    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, (x_hat, stds, gamma)
