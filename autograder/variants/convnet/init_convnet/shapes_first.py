import math

import numpy as np


def shapes_of(input_shape, filters, kernel, hidden, classes):
    C, H, W = input_shape
    channels = [C, *filters]
    for i in range(len(filters)):
        yield f"conv{i + 1}", (channels[i + 1], channels[i], kernel, kernel)
    halved = 2 ** len(filters)
    sizes = [channels[-1] * (H // halved) * (W // halved), *hidden, classes]
    for i in range(len(sizes) - 1):
        yield f"fc{i + 1}", (sizes[i], sizes[i + 1])


def init_convnet(input_shape, filters, kernel, hidden, classes, seed=0):
    rng = np.random.default_rng(seed)
    params = {}
    for name, shape in shapes_of(input_shape, filters, kernel, hidden, classes):
        conv = len(shape) == 4
        fan_in = math.prod(shape[1:]) if conv else shape[0]
        params[name + "_w"] = rng.normal(loc=0.0, scale=math.sqrt(2 / fan_in), size=shape)
        params[name + "_b"] = np.zeros(shape[0] if conv else shape[1])
    return params
