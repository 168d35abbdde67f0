def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    s = gamma / np.sqrt(running_var + eps)
    if w.ndim == 4:
        new_w = w * s.reshape(1, -1, 1, 1)
    else:
        new_w = w * s.reshape(-1, 1)
    return new_w, s * (b - running_mean) + beta
