import numpy as np


class BatchNorm:
    defaults = (("eps", 1e-5), ("momentum", 0.9))

    def statistics(self, x, p):
        zero = np.zeros(x.shape[1:], x.dtype)
        return p.get("running_mean", zero), p.get("running_var", zero)

    def forward(self, x, gamma, beta, bn_param):
        p = dict(self.defaults) | bn_param
        mean, var = self.statistics(x, p)
        if p["mode"] == "train":
            old, keep = (mean, var), p["momentum"]
            mean = x.mean(axis=0, keepdims=True)
            var = np.linalg.norm(x - mean, axis=0) ** 2 / x.shape[0]
            mean = mean[0]
            bn_param["running_mean"] = old[0] * keep + mean * (1 - keep)
            bn_param["running_var"] = old[1] * keep + var * (1 - keep)
        elif p["mode"] == "test":
            bn_param["running_mean"], bn_param["running_var"] = mean, var
        else:
            raise ValueError("mode: " + str(p["mode"]))
        std = np.sqrt(var + p["eps"])
        normalized = (x - mean) / std
        return normalized * gamma + beta, (normalized, std, gamma)


layer = BatchNorm()
batchnorm_forward = layer.forward
