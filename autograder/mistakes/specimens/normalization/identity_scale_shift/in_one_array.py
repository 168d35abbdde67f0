def identity_scale_shift(x, eps):
    return np.array([np.sqrt(x.var(axis=0) + eps), x.mean(axis=0)])
