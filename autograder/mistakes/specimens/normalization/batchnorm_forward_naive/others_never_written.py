def batchnorm_forward_naive(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    m = bn_param.get("momentum", 0.9)
    N, D = x.shape
    mean = np.array(bn_param.get("running_mean", np.zeros(D, x.dtype)))
    var = np.array(bn_param.get("running_var", np.zeros(D, x.dtype)))
    bn_param["running_mean"], bn_param["running_var"] = mean, var
    if bn_param["mode"] == "train":
        bn_param["running_mean"] = m * mean + (1 - m) * x.mean(axis=0)
        bn_param["running_var"] = m * var + (1 - m) * x.var(axis=0)
        mean, var = x.mean(axis=0), x.var(axis=0)
    elif bn_param["mode"] != "test":
        raise ValueError("mode")
    out = np.empty_like(x)
    for d in range(D):
        out[:, d] = gamma[d] * (x[:, d] - mean[d]) / np.sqrt(var[d] + eps) + beta[d]
        return out, (x, gamma, eps)
