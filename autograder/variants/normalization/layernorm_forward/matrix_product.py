import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    """The mean and the deviations from it are linear in x."""
    D = x.shape[1]
    centring = np.eye(D, dtype=x.dtype) - np.full((D, D), 1 / D, dtype=x.dtype)
    deviations = x @ centring
    std = np.sqrt(np.einsum("nd,nd->n", deviations, deviations) / D + ln_param.get("eps", 1e-5))
    normalized = deviations / std.reshape(-1, 1)
    return normalized * gamma + beta, (normalized, std.reshape(-1, 1), gamma)
