import numpy as np


def batchnorm_forward_naive(x, gamma, beta, bn_param):
    N, D = len(x), len(x[0])
    train = {"train": True, "test": False}.get(bn_param["mode"])
    if train is None:
        raise ValueError("mode is neither train nor test")
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    old_mean = bn_param.get("running_mean", np.zeros(D, x.dtype))
    old_var = bn_param.get("running_var", np.zeros(D, x.dtype))

    def columns():
        for d in range(D):
            yield [x[n, d] for n in range(N)]

    if train:
        means = [sum(column) / N for column in columns()]
        variances = [
            sum((value - mean) ** 2 for value in column) / N
            for column, mean in zip(columns(), means, strict=True)
        ]
        mix = lambda old, new: momentum * old + (1 - momentum) * np.array(new, x.dtype)  # noqa: E731
        bn_param["running_mean"] = mix(old_mean, means)
        bn_param["running_var"] = mix(old_var, variances)
    else:
        means, variances = old_mean, old_var
    stds = [np.sqrt(v + eps) for v in variances]
    out = np.array(
        [[gamma[d] * (row[d] - means[d]) / stds[d] + beta[d] for d in range(D)] for row in x],
        dtype=x.dtype,
    )
    hat = np.array([[(row[d] - means[d]) / stds[d] for d in range(D)] for row in x], x.dtype)
    return out, (hat, np.array(stds, x.dtype), gamma)
