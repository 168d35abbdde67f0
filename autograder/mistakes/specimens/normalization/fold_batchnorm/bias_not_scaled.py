def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    scale = gamma / np.sqrt(running_var + eps)
    if w.ndim == 4:
        new_w = w * scale[:, None, None, None]
    else:
        new_w = w * scale
    new_b = beta - scale * running_mean + b
    return new_w, new_b
