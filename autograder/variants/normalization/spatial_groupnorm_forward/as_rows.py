import numpy as np


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    if x.shape[1] % G:
        raise ValueError("unequal groups")
    rows = x.reshape(x.shape[0] * G, -1)
    mean, var = rows.mean(1), rows.var(1)
    hat = ((rows.T - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))).T.reshape(x.shape)
    return gamma * hat + beta, (G, hat, gamma, var)
