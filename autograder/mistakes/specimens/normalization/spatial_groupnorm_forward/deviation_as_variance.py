def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    if C % G != 0:
        raise ValueError("C must be divisible by G")
    eps = gn_param.get("eps", 1e-5)
    groups = x.reshape(N * G, -1)
    mean = groups.mean(axis=1, keepdims=True)
    var = groups.std(axis=1, keepdims=True)
    x_hat = ((groups - mean) / np.sqrt(var + eps)).reshape(x.shape)
    return gamma * x_hat + beta, (x, gamma, G, eps)
