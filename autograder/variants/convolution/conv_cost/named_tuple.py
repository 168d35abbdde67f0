from typing import NamedTuple


class Cost(NamedTuple):
    out_shape: tuple[int, int, int]
    params: int
    multiply_adds: int


def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    C, H, W = in_shape
    h, w = conv_output_size(H, kernel, stride, pad), conv_output_size(W, kernel, stride, pad)
    k = C * kernel**2
    return Cost((num_filters, h, w), num_filters * (k + 1), num_filters * h * w * k)
