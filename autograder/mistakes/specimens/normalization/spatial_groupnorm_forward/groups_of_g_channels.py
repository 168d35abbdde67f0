def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get("eps", 1e-5)
    N, C, H, W = x.shape
    if C % G:
        raise ValueError("C must be divisible by G")
    grouped = x.reshape(N, C // G, G, H, W)
    mean = grouped.mean(axis=(2, 3, 4), keepdims=True)
    std = np.sqrt(grouped.var(axis=(2, 3, 4), keepdims=True) + eps)
    x_hat = (grouped - mean) / std
    return gamma * x_hat.reshape(N, C, H, W) + beta, (x_hat, std, gamma)
