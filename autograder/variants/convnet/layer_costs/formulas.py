def layer_costs(input_shape, filters, kernel, hidden, classes):
    made = init_convnet(input_shape, filters, kernel, hidden, classes)
    params = {k: v.shape for k, v in made.items()}
    rows, (_, H, W) = [], input_shape
    for key, shape in params.items():
        if not key.endswith("_w"):
            continue
        name = key[:-2]
        size = int(np.prod(shape))
        if name.startswith("conv"):
            F = shape[0]
            rows.append((name, F * H * W, size + F, size * H * W))
            H, W = H // 2, W // 2
            rows.append((name.replace("conv", "pool"), F * H * W, 0, 0))
        else:
            rows.append((name, shape[1], size + shape[1], size))
    return rows
