def conv_rows(shape, filters, kernel):
    C, H, W = shape
    for i, F in enumerate(filters, 1):
        out, weights = F * H * W, F * C * kernel**2
        yield f"conv{i}", out, weights + F, H * W * weights
        C, H, W = F, H // 2, W // 2
        yield f"pool{i}", C * H * W, 0, 0
    return C * H * W


def layer_costs(input_shape, filters, kernel, hidden, classes):
    def every_row():
        inputs = yield from conv_rows(input_shape, filters, kernel)
        for i, outputs in enumerate([*hidden, classes], 1):
            yield f"fc{i}", outputs, inputs * outputs + outputs, inputs * outputs
            inputs = outputs

    return list(every_row())
