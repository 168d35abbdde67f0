def identity_scale_shift(x, eps):
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    gamma = np.sqrt(var)
    beta = mean
    return gamma, beta
