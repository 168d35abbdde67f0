import numpy as np


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    count = N * H * W
    if bn_param["mode"] == "train":
        mean = np.einsum("nchw->c", x) / count
        centred = x - mean.reshape(C, 1, 1)
        var = np.einsum("nchw,nchw->c", centred, centred) / count
        momentum = bn_param.get("momentum", 0.9)
        for name, batch in {"running_mean": mean, "running_var": var}.items():
            old = bn_param[name] if name in bn_param else np.zeros(C, x.dtype)
            bn_param[name] = momentum * old + (1 - momentum) * batch
    elif bn_param["mode"] == "test":
        mean = bn_param.get("running_mean", np.zeros(C, x.dtype))
        var = bn_param.get("running_var", np.zeros(C, x.dtype))
        bn_param["running_mean"], bn_param["running_var"] = mean, var
        centred = x - mean.reshape(C, 1, 1)
    else:
        raise ValueError("mode")
    std = np.sqrt(var + bn_param.get("eps", 1e-5))
    out = centred * (gamma / std).reshape(C, 1, 1) + beta.reshape(C, 1, 1)
    return out, {"centred": centred, "std": std, "gamma": gamma}
