def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    factor = gamma / np.sqrt(running_var + eps)
    if w.ndim == 2:
        new_w = w * factor[None, :]
    else:
        new_w = w * factor[:, None, None, None]
    new_b = factor * b - running_mean + beta
    return new_w, new_b
