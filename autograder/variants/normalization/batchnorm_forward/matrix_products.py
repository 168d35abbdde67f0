import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    if bn_param["mode"] not in {"train", "test"}:
        raise ValueError("train or test?")
    N, D = x.shape
    average = np.full(N, 1 / N, x.dtype)
    old_mean = bn_param.get("running_mean", np.zeros(D, x.dtype))
    old_var = bn_param.get("running_var", np.zeros(D, x.dtype))
    if bn_param["mode"] == "train":
        mean = average @ x
        centred = x - mean
        var = average @ centred**2
        keep = bn_param.get("momentum", 0.9)
        bn_param["running_mean"] = keep * old_mean + (1 - keep) * mean
        bn_param["running_var"] = keep * old_var + (1 - keep) * var
    else:
        centred, var = x - old_mean, old_var
        bn_param["running_mean"], bn_param["running_var"] = old_mean, old_var
    inverse = (var + bn_param.get("eps", 1e-5)) ** -0.5
    return np.multiply(centred * inverse, gamma) + beta, [centred, inverse, gamma]
