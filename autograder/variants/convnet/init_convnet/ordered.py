from collections import OrderedDict


def init_convnet(input_shape, filters, kernel, hidden, classes, seed=0):
    rng = np.random.default_rng(seed)
    params = OrderedDict()
    C, H, W = input_shape
    for i, F in enumerate(filters, 1):
        weights = rng.standard_normal((F, C, kernel, kernel))
        params[f"conv{i}_w"] = weights * np.sqrt(2 / (C * kernel**2))
        params[f"conv{i}_b"] = np.zeros(F)
        C, H, W = F, H // 2, W // 2
    D = C * H * W
    for i, M in enumerate([*hidden, classes], 1):
        params[f"fc{i}_w"] = np.sqrt(2 / D) * rng.standard_normal((D, M))
        params[f"fc{i}_b"] = np.zeros(M)
        D = M
    return params
