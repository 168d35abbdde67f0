def layers_of(channels, height, width):
    for number, count in enumerate((20, 50), start=1):
        yield f"conv{number}", (count, height, width), (count, channels, 5, 5)
        yield f"relu{number}", (count, height, width), None
        channels, height, width = count, height // 2, width // 2
        yield f"pool{number}", (channels, height, width), None
    size = channels * height * width
    yield "flatten", (size,), None
    yield "fc1", (500,), (size, 500)
    yield "relu3", (500,), None
    yield "fc2", (10,), (500, 10)


def lenet_shapes(input_shape=(1, 28, 28)):
    if any(side % 4 for side in input_shape[1:]):
        raise ValueError(f"{input_shape} does not fit two poolings")
    return list(layers_of(*input_shape))
