def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get("eps", 1e-5)
    N, C, H, W = x.shape
    if C % G != 0:
        raise ValueError("G does not divide C")
    x_hat = np.zeros_like(x)
    stds = np.zeros((N, G), dtype=x.dtype)
    for g in range(G):
        part = x[:, g::G]
        mean = part.mean(axis=(1, 2, 3), keepdims=True)
        std = np.sqrt(part.var(axis=(1, 2, 3), keepdims=True) + eps)
        x_hat[:, g::G] = (part - mean) / std
        stds[:, g] = std[:, 0, 0, 0]
    return gamma * x_hat + beta, (x_hat, stds, gamma)
