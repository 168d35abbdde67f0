def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    std = np.sqrt(running_var + eps)
    new_w = np.zeros_like(w)
    new_b = np.zeros_like(b)
    for f in range(len(b)):
        factor = gamma[f] / std[f]
        if w.ndim == 4:
            new_w[f] = w[f] * factor
        else:
            new_w[:, f] = w[:, f] * factor
        new_b[f] = beta[f] - running_mean[f] * factor
    return new_w, new_b
