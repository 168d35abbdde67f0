def instancenorm_forward(x, gamma, beta, in_param):
    eps = in_param.get("eps", 1e-5)
    x -= x.mean(axis=(2, 3), keepdims=True)
    std = np.sqrt((x**2).mean(axis=(2, 3), keepdims=True) + eps)
    x /= std
    return gamma * x + beta, (x.copy(), std, gamma)
