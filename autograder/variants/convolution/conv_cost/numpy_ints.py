import numpy as np


def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    in_shape = np.array(in_shape)
    room = in_shape[1:] + 2 * pad - kernel
    if np.any(room < 0) or np.any(room % stride):
        raise ValueError(f"{kernel}x{kernel} does not fit into {in_shape[1:]}")
    H, W = room // stride + 1
    per_filter = np.prod([in_shape[0], kernel, kernel])
    return (num_filters, H, W), num_filters * (per_filter + 1), num_filters * H * W * per_filter
