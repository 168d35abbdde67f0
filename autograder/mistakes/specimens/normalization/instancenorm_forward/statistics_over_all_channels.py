def instancenorm_forward(x, gamma, beta, in_param):
    eps = in_param.get("eps", 1e-5)
    N, C, H, W = x.shape
    flat = x.reshape(N, -1)
    mean = flat.mean(axis=1).reshape(N, 1, 1, 1)
    var = flat.var(axis=1).reshape(N, 1, 1, 1)
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, (x_hat, std, gamma)
