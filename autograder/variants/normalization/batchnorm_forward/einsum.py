import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    settings = {"eps": 1e-5, "momentum": 0.9, **bn_param}
    n = x.shape[0]
    match settings["mode"]:
        case "train":
            mean = np.einsum("nd->d", x) / n
            var = np.einsum("nd,nd->d", x - mean, x - mean) / n
            m = settings["momentum"]
            for key, batch in (("running_mean", mean), ("running_var", var)):
                bn_param[key] = (1 - m) * batch + m * bn_param.get(key, 0 * batch)
        case "test":
            mean, var = bn_param["running_mean"], bn_param["running_var"]
        case other:
            raise ValueError(other)
    hat = (x - mean) / np.sqrt(var + settings["eps"])
    return np.einsum("d,nd->nd", gamma, hat) + beta, (hat, gamma, var, settings["eps"])
