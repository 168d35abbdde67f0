import numpy as np


def init_convnet(input_shape, filters, kernel, hidden, classes, seed=0):
    np.random.seed(seed)
    params = {}
    C, H, W = input_shape
    for i in range(1, len(filters) + 1):
        F = filters[i - 1]
        params["conv%d_w" % i] = np.random.randn(F, C, kernel, kernel)  # noqa: UP031
        params["conv%d_w" % i] *= np.sqrt(2 / (C * kernel * kernel))  # noqa: UP031
        params["conv%d_b" % i] = np.zeros(F)  # noqa: UP031
        C = F
        H //= 2
        W //= 2
    dims = [C * H * W] + list(hidden) + [classes]  # noqa: RUF005
    for i in range(1, len(dims)):
        D, M = dims[i - 1], dims[i]
        params[f"fc{i}_w"] = np.random.randn(D, M) * np.sqrt(2 / D)
        params[f"fc{i}_b"] = np.zeros_like(params[f"fc{i}_w"][0])
    return params
