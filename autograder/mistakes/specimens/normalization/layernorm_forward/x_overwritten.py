def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    x -= x.mean(axis=1, keepdims=True)
    std = np.sqrt((x * x).mean(axis=1, keepdims=True) + eps)
    x_hat = x / std
    return gamma * x_hat + beta, (x_hat, std, gamma)
