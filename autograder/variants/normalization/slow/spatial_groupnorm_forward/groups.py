import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    hats = []
    if x.shape[1] % G:
        raise ValueError("unequal groups")
    for part in np.split(x, G, axis=1):
        std = np.sqrt(part.var(axis=(1, 2, 3), keepdims=True) + gn_param.get("eps", 1e-5))
        hats.append((part - part.mean(axis=(1, 2, 3), keepdims=True)) / std)
    return gamma * np.concatenate(hats, axis=1) + beta, None
