def layer_costs(input_shape, filters, kernel, hidden, classes):
    C, H, W = input_shape
    costs = []
    for i in range(len(filters)):
        F = filters[i]
        params = F * C * kernel * kernel
        costs.append((f"conv{i + 1}", F * H * W, params, params * H * W))
        H, W = H // 2, W // 2
        costs.append((f"pool{i + 1}", F * H * W, 0, 0))
        C = F
    inputs = C * H * W
    sizes = [*hidden, classes]
    for i in range(len(sizes)):
        costs.append((f"fc{i + 1}", sizes[i], inputs * sizes[i], inputs * sizes[i]))
        inputs = sizes[i]
    return costs
