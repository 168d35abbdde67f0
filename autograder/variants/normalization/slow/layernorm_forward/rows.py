import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    return np.array([gamma * (r - r.mean()) / np.sqrt(r.var() + eps) + beta for r in x]), None
