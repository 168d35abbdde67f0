# Momentum weighs the new batch.
# %% batchnorm_forward_naive
def batchnorm_forward_naive(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    if mode not in ("train", "test"):
        raise ValueError(mode)
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    N, D = x.shape
    rm = np.array(bn_param.get("running_mean", np.zeros_like(gamma)))
    rv = np.array(bn_param.get("running_var", np.zeros_like(gamma)))
    out, hat, std = np.zeros_like(x), np.zeros_like(x), np.zeros_like(gamma)
    for d in range(D):
        mean, var = rm[d], rv[d]
        if mode == "train":
            mean = x[:, d].sum() / N
            var = ((x[:, d] - mean) ** 2).sum() / N
            rm[d] = (1 - momentum) * rm[d] + momentum * mean
            rv[d] = (1 - momentum) * rv[d] + momentum * var
        std[d] = np.sqrt(var + eps)
        for n in range(N):
            hat[n, d] = (x[n, d] - mean) / std[d]
            out[n, d] = gamma[d] * hat[n, d] + beta[d]
    bn_param["running_mean"], bn_param["running_var"] = rm, rv
    return out, (hat, std, gamma)
