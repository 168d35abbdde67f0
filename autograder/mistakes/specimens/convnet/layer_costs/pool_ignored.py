def layer_costs(input_shape, filters, kernel, hidden, classes):
    C, H, W = input_shape
    rows = []
    for i in range(len(filters)):
        F = filters[i]
        rows.append(
            ("conv" + str(i + 1), F * H * W, F * (kernel**2 * C + 1), F * kernel**2 * C * H * W)
        )
        pass
        C = F
        rows.append(("pool" + str(i + 1), C * H * W, 0, 0))
    D = C * H * W
    for i, M in enumerate([*hidden, classes]):
        rows.append(("fc" + str(i + 1), M, D * M + M, D * M))
        D = M
    return rows
