import numpy as np


def layer_costs(input_shape, filters, kernel, hidden, classes):
    depth = len(filters)
    channels = np.array([input_shape[0], *filters])
    pixels = np.prod(input_shape[1:]) // 4 ** np.arange(depth + 1)
    inner, outer = channels[:-1], channels[1:]
    weights = inner * outer * kernel * kernel
    maps = outer * pixels[:-1]
    rows = []
    for i in range(depth):
        rows.append((f"conv{i + 1}", maps[i], weights[i] + outer[i], weights[i] * pixels[i]))
        rows.append((f"pool{i + 1}", outer[i] * pixels[i + 1], 0, 0))
    sizes = np.array([channels[-1] * pixels[-1], *hidden, classes])
    products = sizes[:-1] * sizes[1:]
    for i, (size, product) in enumerate(zip(sizes[1:], products, strict=True), start=1):
        rows.append((f"fc{i}", size, product + size, product))
    return rows
