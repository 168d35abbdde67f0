def batchnorm_forward_naive(x, gamma, beta, bn_param):
    assert bn_param["mode"] == "train" or bn_param["mode"] == "test"
    eps = bn_param.get("eps", 1e-5)
    m = bn_param.get("momentum", 0.9)
    N, D = x.shape
    r_mean = np.array(bn_param.get("running_mean", np.zeros(D, x.dtype)))
    r_var = np.array(bn_param.get("running_var", np.zeros(D, x.dtype)))
    out = np.zeros_like(x)
    for d in range(D):
        mean, var = r_mean[d], r_var[d]
        if bn_param["mode"] == "train":
            mean, var = np.mean(x[:, d]), np.var(x[:, d])
            r_mean[d] = m * r_mean[d] + (1 - m) * mean
            r_var[d] = m * r_var[d] + (1 - m) * var
        for n in range(N):
            out[n, d] = gamma[d] * (x[n, d] - mean) / np.sqrt(var + eps) + beta[d]
    bn_param["running_mean"] = r_mean
    bn_param["running_var"] = r_var
    return out, (x, gamma, eps)
