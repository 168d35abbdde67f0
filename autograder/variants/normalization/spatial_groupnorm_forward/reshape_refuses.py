import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    N, C, H, W = x.shape
    # reshape raises a ValueError by itself where the groups are not equal
    y = np.reshape(x, (N, G, C // G, H, W))
    y = y - np.mean(y, (2, 3, 4), keepdims=True)
    var = np.mean(y * y, (2, 3, 4), keepdims=True)
    y = y / np.sqrt(var + gn_param.get("eps", 1e-5))
    return np.reshape(y, x.shape) * gamma + beta, (y, var, gamma)
