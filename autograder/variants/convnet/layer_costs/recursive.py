def convolutions(shape, filters, kernel, number=1):
    c, h, w = shape
    if not filters:
        return [], c * h * w
    (first, *rest) = filters
    per_filter = c * kernel * kernel
    small = (first, h // 2, w // 2)
    others, flat = convolutions(small, rest, kernel, number + 1)
    mine = [
        (f"conv{number}", first * h * w, first * (per_filter + 1), first * h * w * per_filter),
        (f"pool{number}", first * (h // 2) * (w // 2), 0, 0),
    ]
    return mine + others, flat


def affine(inputs, outputs, number=1):
    if not outputs:
        return []
    m = outputs[0]
    return [(f"fc{number}", m, inputs * m + m, inputs * m), *affine(m, outputs[1:], number + 1)]


def layer_costs(input_shape, filters, kernel, hidden, classes):
    rows, flat = convolutions(input_shape, list(filters), kernel)
    return rows + affine(flat, [*hidden, classes])
