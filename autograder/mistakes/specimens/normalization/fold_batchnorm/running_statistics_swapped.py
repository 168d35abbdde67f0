def fold_batchnorm(w, b, gamma, beta, running_var, running_mean, eps):
    s = gamma / (running_var + eps) ** 0.5
    scale = s if w.ndim == 2 else s[:, np.newaxis, np.newaxis, np.newaxis]
    return w * scale, b * s + (beta - running_mean * s)
