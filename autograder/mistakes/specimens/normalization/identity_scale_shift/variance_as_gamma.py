def identity_scale_shift(x, eps):
    N, D = x.shape
    gamma = np.zeros(D, dtype=x.dtype)
    beta = np.zeros(D, dtype=x.dtype)
    for d in range(D):
        beta[d] = np.mean(x[:, d])
        gamma[d] = np.var(x[:, d]) + eps
    return gamma, beta
