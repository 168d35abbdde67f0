def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.pop("eps", 1e-5)
    mean = np.mean(x, axis=1, keepdims=True)
    std = np.sqrt(np.mean((x - mean) ** 2, axis=1, keepdims=True) + eps)
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, (x_hat, std, gamma)
