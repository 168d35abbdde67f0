def fold_batchnorm(w, b, gamma, beta, running_mean, running_var, eps):
    std = np.sqrt(running_var + eps)
    if len(w.shape) == 4:
        new_w = w / std.reshape(-1, 1, 1, 1)
    else:
        new_w = w / std
    return new_w, (b - running_mean) / std + beta
