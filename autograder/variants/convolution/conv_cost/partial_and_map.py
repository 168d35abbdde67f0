import functools
import math


def conv_cost(in_shape, num_filters, kernel, stride=1, pad=0):
    places = functools.partial(conv_output_size, kernel=kernel, stride=stride, pad=pad)
    depth, *plane = in_shape
    out_shape = (num_filters, *map(places, plane))
    weights = math.prod((num_filters, depth, kernel, kernel))
    return out_shape, weights + num_filters, math.prod(out_shape) * weights // num_filters
