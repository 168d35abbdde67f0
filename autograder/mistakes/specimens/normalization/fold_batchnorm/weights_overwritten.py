def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    scale = gamma / np.sqrt(running_var + eps)
    if w.ndim == 4:
        w *= scale[:, None, None, None]
    else:
        w *= scale
    b = (b - running_mean) * scale + beta
    return w, b
