def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    eps = gn_param.get("eps", 1e-5)
    N, C, H, W = x.shape
    if C % G != 0:
        raise ValueError("G does not divide C")
    groups = x.reshape(N, G, C // G, H, W)
    mean = groups.mean(axis=(1, 2, 3, 4), keepdims=True)
    var = groups.var(axis=(1, 2, 3, 4), keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = (groups - mean) / std
    out = gamma * x_hat.reshape(x.shape) + beta
    return out, (x_hat, std, gamma)
