import numpy as np


def batchnorm_forward_naive(x, gamma, beta, bn_param):
    """The cache is a function that remembers all that it needs."""
    if bn_param["mode"] not in ("train", "test"):
        raise ValueError(bn_param["mode"])
    N, D = x.shape
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    bn_param["running_mean"] = np.array(bn_param.get("running_mean", np.zeros_like(x[0])))
    bn_param["running_var"] = np.array(bn_param.get("running_var", np.zeros_like(x[0])))
    out, hat, std = np.empty_like(x), np.empty_like(x), np.empty_like(x[0])
    for d in range(D):
        mean, var = bn_param["running_mean"][d], bn_param["running_var"][d]
        if bn_param["mode"] == "train":
            batch_mean, batch_var = np.mean(x[:, d]), np.var(x[:, d])
            bn_param["running_mean"][d] = momentum * mean + (1 - momentum) * batch_mean
            bn_param["running_var"][d] = momentum * var + (1 - momentum) * batch_var
            mean, var = batch_mean, batch_var
        std[d] = np.sqrt(var + eps)
        for n in range(N):
            hat[n, d] = (x[n, d] - mean) / std[d]
            out[n, d] = gamma[d] * hat[n, d] + beta[d]

    def backward(dout):
        dx, dgamma, dbeta = np.empty_like(dout), np.zeros_like(gamma), np.zeros_like(gamma)
        for d in range(D):
            for n in range(N):
                dbeta[d] += dout[n, d]
                dgamma[d] += dout[n, d] * hat[n, d]
            for n in range(N):
                rest = dout[n, d] - (dbeta[d] + hat[n, d] * dgamma[d]) / N
                dx[n, d] = gamma[d] / std[d] * rest
        return dx, dgamma, dbeta

    return out, backward


batchnorm_backward_naive = lambda dout, cache: cache(dout)  # noqa: E731
