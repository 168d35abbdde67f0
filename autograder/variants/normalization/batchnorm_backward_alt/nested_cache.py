def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    m = bn_param.get("momentum", 0.9)
    before = bn_param.get("running_mean", 0 * gamma), bn_param.get("running_var", 0 * gamma)
    if mode == "test":
        mean, var = before
    elif mode == "train":
        mean = x.sum(axis=0) / len(x)
        var = ((x - mean) ** 2).sum(axis=0) / len(x)
        pairs = zip(before, (mean, var), strict=True)
        before = tuple(m * old + (1 - m) * new for old, new in pairs)
    else:
        raise ValueError(mode)
    bn_param["running_mean"], bn_param["running_var"] = before
    sigma = (var + bn_param.get("eps", 1e-5)) ** 0.5
    cache = (x, (mean, sigma)), [gamma, lambda v: v.mean(axis=0)]
    return (x - mean) / sigma * gamma + beta, cache


def batchnorm_backward_alt(dout, cache):
    (x, (mean, sigma)), [gamma, average] = cache
    z = (x - mean) / sigma
    dx = gamma / sigma * (dout - average(dout) - z * average(dout * z))
    return dx, len(x) * average(dout * z), len(x) * average(dout)
