def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    assert C % G == 0, "C must be divisible by G"
    eps = gn_param.get("eps", 1e-5)
    g = x.reshape(N, G, C // G, H, W)
    mean, var = g.mean(axis=(2, 3, 4), keepdims=True), g.var(axis=(2, 3, 4), keepdims=True)
    x_hat = ((g - mean) / np.sqrt(var + eps)).reshape(N, C, H, W)
    return gamma * x_hat + beta, (x, gamma, G, eps)
