def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    N, D = x.shape
    mean = x.sum(axis=1, keepdims=True) / D
    var = ((x - mean) ** 2).sum(axis=1, keepdims=True) / (D - 1)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    out = gamma * x_hat + beta
    return out, (x_hat, std, gamma)
