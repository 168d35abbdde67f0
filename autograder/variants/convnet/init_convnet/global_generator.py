def init_convnet(input_shape, filters, kernel, hidden, classes, seed=0):
    state = np.random.RandomState(seed)
    C, H, W = input_shape
    params = {}
    for i, F in enumerate(filters):
        scale = (2 / (C * kernel**2)) ** 0.5
        params[f"conv{i + 1}_w"] = state.normal(0, scale, (F, C, kernel, kernel))
        params[f"conv{i + 1}_b"] = np.zeros((F,))
        C = F
    D = C * (H // 2 ** len(filters)) * (W // 2 ** len(filters))
    for i, M in enumerate([*hidden, classes]):
        params[f"fc{i + 1}_w"] = state.randn(D, M) / np.sqrt(D / 2)
        params[f"fc{i + 1}_b"] = np.zeros((M,))
        D = M
    return params
