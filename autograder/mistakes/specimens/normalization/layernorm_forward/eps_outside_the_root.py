def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mean = x.mean(axis=1)[:, None]
    std = x.std(axis=1)[:, None] + eps
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, (x_hat, std, gamma)
