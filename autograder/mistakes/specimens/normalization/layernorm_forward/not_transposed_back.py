def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    xt = x.T
    std = np.sqrt(xt.var(axis=0) + eps)
    x_hat = (xt - xt.mean(axis=0)) / std
    out = gamma[:, None] * x_hat + beta[:, None]
    return out, (x_hat, std, gamma)
