import numpy as np


def init_convnet(input_shape, filters, kernel, hidden, classes, seed=0):
    seeds = iter(np.random.SeedSequence(seed).spawn(len(filters) + len(hidden) + 1))

    def he(*shape, fan_in):
        return np.random.default_rng(next(seeds)).standard_normal(shape) * (2.0 / fan_in) ** 0.5

    params = {}
    depth, height, width = input_shape
    for number, count in enumerate(filters, start=1):
        fan = depth * kernel**2
        params |= {
            f"conv{number}_w": he(count, depth, kernel, kernel, fan_in=fan),
            f"conv{number}_b": np.zeros(count),
        }
        depth, height, width = count, height / 2, width / 2
    inputs = int(depth * height * width)
    for number, outputs in enumerate(hidden + [classes], start=1):  # noqa: RUF005
        params |= {
            f"fc{number}_w": he(inputs, outputs, fan_in=inputs),
            f"fc{number}_b": np.zeros(outputs),
        }
        inputs = outputs
    return params
