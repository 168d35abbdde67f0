from typing import NamedTuple


class Row(NamedTuple):
    layer: str
    shape: tuple
    weights: tuple | None = None


def lenet_shapes(input_shape=(1, 28, 28)):
    C, H, W = input_shape
    if H % 4 != 0 or W % 4 != 0:
        raise ValueError("does not fit")
    h, w, q, p = H // 2, W // 2, H // 4, W // 4
    return [
        Row("conv1", (20, H, W), (20, C, 5, 5)),
        Row("relu1", (20, H, W)),
        Row("pool1", (20, h, w)),
        Row("conv2", (50, h, w), (50, 20, 5, 5)),
        Row("relu2", (50, h, w)),
        Row("pool2", (50, q, p)),
        Row("flatten", (50 * q * p,)),
        Row("fc1", (500,), (50 * q * p, 500)),
        Row("relu3", (500,)),
        Row("fc2", (10,), (500, 10)),
    ]
