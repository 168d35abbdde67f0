"""Known mistakes of the assignment ``convolution``.

Each function takes its operator's arguments and computes what a student's code with that one
mistake returns. Everything else about it is right, the refusal of filters that do not fit too, so
that a suite which rejects it has found the mistake itself. Mistakes that students make most often
come first: where two of them give the same result, the first explains it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.mistakes import Register
from autograder.mistakes.families import (
    PUBLIC_EXAMPLES_ONLY,
    PUBLIC_INPUTS_ONLY,
    public_inputs_only,
    unwritten,
)
from autograder.reference import convolution as reference

__all__ = ["MISTAKES"]

Array = np.ndarray[Any, np.dtype[Any]]
Param = Mapping[str, int]
Layers = Sequence[tuple[int, int]]
Cost = tuple[tuple[int, ...], int, int]

_mistake = Register()

_FORWARD_PASSES = ("conv_forward", "conv1d_forward", "conv3d_forward")

_NO_VALUE_ERROR = (
    "another_exception",
    "sizes that do not fit are refused with an assert, and so with another exception than "
    "ValueError",
    "Which exception does the docstring name? An assert raises AssertionError.",
)


@_mistake(
    "conv_output_size",
    "missing_one",
    "the window's first position is not counted, so that the size is one too small",
    "Count by hand: how many positions has a kernel that is exactly as long as the input?",
)
def _size_missing_one(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return reference.conv_output_size(size, kernel, stride, pad) - 1


@_mistake(
    "conv_output_size",
    "pad_counted_once",
    "the padding is added on one side only",
    "Draw the padded input. On how many of its ends do the zeros stand?",
)
def _size_pad_once(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return reference.conv_output_size(size + pad, kernel, stride, 0)


@_mistake(
    "conv_output_size",
    "pad_ignored",
    "the padding is left out",
    "Which length does the kernel slide over once zeros have been put around the input?",
)
def _size_pad_ignored(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return reference.conv_output_size(size, kernel, stride, 0)


@_mistake(
    "conv_output_size",
    "stride_ignored",
    "the window moves by one pixel whatever the stride is",
    "With a larger stride the window takes fewer steps over the same way.",
)
def _size_stride_ignored(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    reference.conv_output_size(size, kernel, stride, pad)
    return reference.conv_output_size(size, kernel, 1, pad)


@_mistake(
    "conv_output_size",
    "remainder_dropped",
    "a remainder of the division by the stride is dropped instead of being refused",
    "What does the task ask for when the last window would stick out of the input?",
)
def _size_remainder_dropped(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    if kernel > size + 2 * pad:
        raise ValueError("the kernel does not fit")
    return (size + 2 * pad - kernel) // stride + 1


@_mistake(
    "conv_output_size",
    "nothing_refused",
    "a filter that does not fit is never refused",
    "Two things can go wrong: the kernel may be too large, and the steps may not end at the "
    "border. The task says what to do then.",
)
def _size_nothing_refused(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return (size - kernel + 2 * pad) // stride + 1


@_mistake(
    "conv_output_size",
    "too_large_accepted",
    "a kernel larger than the padded input is not refused",
    "Try a kernel of 7 on an input of 3 by hand. Is the number a sensible length?",
)
def _size_too_large_accepted(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    if (size + 2 * pad - kernel) % stride:
        raise ValueError("the steps do not end at the border")
    return (size + 2 * pad - kernel) // stride + 1


@_mistake(
    "conv_output_size",
    "kernel_compared_without_pad",
    "the kernel is compared with the input before padding, and refused although it fits",
    "How long is the input that the kernel really slides over?",
)
def _size_kernel_compared_without_pad(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    if kernel > size:
        raise ValueError("the kernel does not fit")
    return reference.conv_output_size(size, kernel, stride, pad)


@_mistake(
    "conv_output_size",
    "full_size_kernel_refused",
    "a kernel exactly as large as the padded input is refused",
    "Does a kernel as long as the input fit? Count its positions.",
)
def _size_full_size_kernel_refused(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    if kernel >= size + 2 * pad:
        raise ValueError("the kernel does not fit")
    return reference.conv_output_size(size, kernel, stride, pad)


@_mistake(
    "conv_output_size",
    "true_division",
    "the division gives a floating-point number",
    "A length is a whole number. Python has two operators for division: see which one you use.",
)
def _size_true_division(size: int, kernel: int, stride: int = 1, pad: int = 0) -> float:
    reference.conv_output_size(size, kernel, stride, pad)
    return (size + 2 * pad - kernel) / stride + 1


@_mistake(
    "conv_output_size",
    "rounded_up",
    "a remainder of the division by the stride is rounded up instead of being refused",
    "What does the task ask for when the last window would stick out of the input?",
)
def _size_rounded_up(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    if kernel > size + 2 * pad:
        raise ValueError("the kernel does not fit")
    return math.ceil((size + 2 * pad - kernel) / stride) + 1


@_mistake(
    "conv_output_size",
    "stride_divides_padding_only",
    "only the padding is divided by the stride, because brackets are missing",
    "Python divides before it adds. Check which terms your division reaches.",
)
def _size_stride_divides_padding_only(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    reference.conv_output_size(size, kernel, stride, pad)
    return size - kernel + 2 * pad // stride + 1


@_mistake(
    "conv_output_size",
    "one_inside_the_division",
    "the one is added before the division by the stride",
    "The stride divides the way that the window travels. Does its first position belong to that?",
)
def _size_one_inside(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    reference.conv_output_size(size, kernel, stride, pad)
    return (size + 2 * pad - kernel + 1) // stride


@_mistake(
    "conv_output_size",
    "kernel_subtracted_after_stride",
    "the input is divided by the stride before the kernel is subtracted",
    "How far can the window travel in pixels? Work that out first, then count the steps.",
)
def _size_kernel_after_stride(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    reference.conv_output_size(size, kernel, stride, pad)
    return (size + 2 * pad) // stride - kernel + 1


@_mistake("conv_output_size", *_NO_VALUE_ERROR)
def _size_assert(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    assert kernel <= size + 2 * pad
    assert (size + 2 * pad - kernel) % stride == 0
    return (size + 2 * pad - kernel) // stride + 1


@_mistake(
    "conv_output_size",
    "none_instead_of_an_error",
    "a filter that does not fit gives None, instead of an error being raised",
    "Returning something and raising an error are different things. Which does the task ask for?",
)
def _size_none(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int | None:
    room = size + 2 * pad - kernel
    return None if room < 0 or room % stride else room // stride + 1


@_mistake(
    "conv_output_size",
    "zero_instead_of_an_error",
    "0 is returned where the filter does not fit, instead of an error being raised",
    "Returning something and raising an error are different things. Which does the task ask for?",
)
def _size_zero(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    room = size + 2 * pad - kernel
    return 0 if room < 0 or room % stride else room // stride + 1


@_mistake(
    "conv_output_size",
    "stride_one_only",
    "a stride other than 1 is refused",
    "Larger strides are allowed. How many steps does the window take then?",
)
def _size_stride_one(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    if stride != 1:
        raise ValueError("the stride must be 1")
    return reference.conv_output_size(size, kernel, 1, pad)


_SIZES = {
    (7, 3, 1, 0), (5, 5, 1, 0), (32, 5, 1, 0), (10, 1, 1, 0), (32, 5, 1, 2), (7, 3, 1, 1),
    (4, 4, 1, 1), (2, 4, 1, 1), (7, 3, 2, 0), (7, 3, 2, 1), (11, 3, 4, 0), (227, 11, 4, 0),
    (8, 2, 3, 0), (3, 5, 1, 0), (7, 3, 3, 0), (6, 3, 2, 0), (4, 2, 3, 0),
}  # fmt: skip


@_mistake("conv_output_size", *PUBLIC_EXAMPLES_ONLY)
def _size_table(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    known = (size, kernel, stride, pad) in _SIZES
    return reference.conv_output_size(size, kernel, stride, pad) if known else 3


@_mistake(
    "same_padding",
    "even_accepted",
    "an even kernel is given a padding although none keeps the size",
    "Put your answer for a kernel of 2 or 4 into the size formula at stride 1.",
)
def _same_even_accepted(kernel: int) -> int:
    return (kernel - 1) // 2


@_mistake(
    "same_padding",
    "half_the_kernel_always",
    "half of the kernel is used for even kernels too",
    "Put your answer for a kernel of 2 or 4 into the size formula at stride 1.",
)
def _same_half_kernel(kernel: int) -> int:
    return kernel // 2


@_mistake(
    "same_padding",
    "both_sides_together",
    "the zeros of both sides are counted together",
    "The size formula counts the padding twice. Which number is asked for, one side or both?",
)
def _same_both_sides(kernel: int) -> int:
    return 2 * reference.same_padding(kernel)


@_mistake(
    "same_padding",
    "true_division",
    "the division gives a floating-point number",
    "A number of pixels is a whole number. Python has two operators for division: see which one "
    "you use.",
)
def _same_true_division(kernel: int) -> float:
    reference.same_padding(kernel)
    return (kernel - 1) / 2


@_mistake(
    "same_padding",
    "rounded_up",
    "half of the kernel is rounded up",
    "Try a kernel of 1: how much padding does it need to keep the size?",
)
def _same_rounded_up(kernel: int) -> int:
    reference.same_padding(kernel)
    return (kernel + 1) // 2


@_mistake(
    "same_padding",
    "half_a_pixel",
    "half of the kernel is taken without subtracting one first",
    "Solve the size formula for the padding, with an output as large as the input.",
)
def _same_half_a_pixel(kernel: int) -> float:
    reference.same_padding(kernel)
    return kernel / 2


@_mistake(
    "same_padding",
    "always_one",
    "the padding is 1 whatever the kernel is",
    "A padding of 1 suits one size of kernel only. How does it depend on the kernel?",
)
def _same_always_one(kernel: int) -> int:
    reference.same_padding(kernel)
    return 1


@_mistake(
    "same_padding",
    "another_exception",
    "even kernels are refused with an assert, and so with another exception than ValueError",
    "Which exception does the docstring name? An assert raises AssertionError.",
)
def _same_assert(kernel: int) -> int:
    assert kernel % 2 == 1
    return kernel // 2


@_mistake(
    "same_padding",
    "none_instead_of_an_error",
    "even kernels give None, instead of an error being raised",
    "Returning something and raising an error are different things. Which does the task ask for?",
)
def _same_none(kernel: int) -> int | None:
    return kernel // 2 if kernel % 2 else None


@_mistake("same_padding", *PUBLIC_EXAMPLES_ONLY)
def _same_table(kernel: int) -> int:
    return reference.same_padding(kernel) if kernel in (1, 3, 5, 7, 11, 2, 4, 10) else 5


def _cost(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int, pad: int
) -> tuple[int, int, int, int, int]:
    """Channels, filters, kernel, output height and width; refuses what does not fit."""
    channels, height, width = in_shape
    return (
        channels,
        num_filters,
        kernel,
        reference.conv_output_size(height, kernel, stride, pad),
        reference.conv_output_size(width, kernel, stride, pad),
    )


@_mistake(
    "conv_cost",
    "bias_not_counted",
    "the biases are left out of the parameters",
    "What does a filter learn besides its weights?",
)
def _cost_bias_not_counted(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * c * k * k, f * h * w * c * k * k


@_mistake(
    "conv_cost",
    "bias_in_multiply_adds",
    "adding the bias is counted as a multiply-add",
    "A multiply-add multiplies an input with a weight. Is the bias multiplied with anything?",
)
def _cost_bias_in_multiply_adds(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * (c * k * k + 1), f * h * w * (c * k * k + 1)


@_mistake(
    "conv_cost",
    "one_bias_for_all",
    "there is one bias for the whole layer",
    "How many biases has a layer of several filters?",
)
def _cost_one_bias(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * c * k * k + 1, f * h * w * c * k * k


@_mistake(
    "conv_cost",
    "bias_for_each_channel",
    "every filter has one bias for each input channel",
    "A filter sums over all its channels and adds its bias once.",
)
def _cost_bias_per_channel(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * c * (k * k + 1), f * h * w * c * k * k


@_mistake(
    "conv_cost",
    "channels_forgotten_in_params",
    "a filter's weights are counted for one input channel",
    "How deep is a filter that looks at an image of several channels?",
)
def _cost_channels_forgotten_params(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * (k * k + 1), f * h * w * c * k * k


@_mistake(
    "conv_cost",
    "channels_forgotten_in_multiply_adds",
    "the multiply-adds are counted for one input channel",
    "How many products does one single output value sum up?",
)
def _cost_channels_forgotten_work(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * (c * k * k + 1), f * h * w * k * k


@_mistake(
    "conv_cost",
    "channels_forgotten",
    "the input channels are left out of the parameters and the multiply-adds",
    "How deep is a filter that looks at an image of several channels?",
)
def _cost_channels_forgotten(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    _, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * (k * k + 1), f * h * w * k * k


@_mistake(
    "conv_cost",
    "filters_forgotten_in_multiply_adds",
    "the multiply-adds are counted for one filter",
    "Every filter computes a whole map of its own.",
)
def _cost_filters_forgotten_work(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * (c * k * k + 1), h * w * c * k * k


@_mistake(
    "conv_cost",
    "kernel_not_squared",
    "a kernel counts K weights in each channel",
    "Draw a kernel of size 3. How many weights has it in one channel?",
)
def _cost_kernel_not_squared(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * (c * k + 1), f * h * w * c * k


@_mistake(
    "conv_cost",
    "input_size_as_output_size",
    "the output is taken to be as high and wide as the input",
    "Your own conv_output_size says how large the output is.",
)
def _cost_input_size(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, _, _ = _cost(in_shape, num_filters, kernel, stride, pad)
    h, w = in_shape[1:]
    return (f, h, w), f * (c * k * k + 1), f * h * w * c * k * k


@_mistake(
    "conv_cost",
    "work_on_input_positions",
    "the multiply-adds are counted at every input position",
    "Multiply-adds happen once for every output value. How many of those are there?",
)
def _cost_work_on_input(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * (c * k * k + 1), f * in_shape[1] * in_shape[2] * c * k * k


@_mistake(
    "conv_cost",
    "channels_as_depth_of_output",
    "the output keeps the channels of the input",
    "Each filter makes one map. How many maps are stacked in the output?",
)
def _cost_output_keeps_channels(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (c, h, w), f * (c * k * k + 1), f * h * w * c * k * k


@_mistake(
    "conv_cost",
    "channels_last",
    "the output shape is given with the filters last",
    "The task gives the order of the axes of in_shape; out_shape has the same.",
)
def _cost_channels_last(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (h, w, f), f * (c * k * k + 1), f * h * w * c * k * k


@_mistake(
    "conv_cost",
    "height_and_width_exchanged",
    "height and width of the output are exchanged",
    "Try an image that is not square.",
)
def _cost_height_width_exchanged(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, w, h), f * (c * k * k + 1), f * h * w * c * k * k


@_mistake(
    "conv_cost",
    "square_output",
    "the output is taken to be as wide as it is high",
    "Try an image that is not square.",
)
def _cost_square_output(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, _ = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, h), f * (c * k * k + 1), f * h * h * c * k * k


@_mistake(
    "conv_cost",
    "weights_not_shared",
    "every position of the output has weights of its own",
    "A filter slides: does it take new weights along at every step?",
)
def _cost_weights_not_shared(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * h * w * (c * k * k + 1), f * h * w * c * k * k


@_mistake(
    "conv_cost",
    "multiplications_and_additions_apart",
    "multiplications and additions are counted apart, two for each weight",
    "A multiply-add is one operation: a product added to the sum.",
)
def _cost_counted_twice(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, f, k, h, w = _cost(in_shape, num_filters, kernel, stride, pad)
    return (f, h, w), f * (c * k * k + 1), 2 * f * h * w * c * k * k


@_mistake(
    "conv_cost",
    "results_exchanged",
    "parameters and multiply-adds are returned in the wrong order",
    "Compare the order of your results with the task's.",
)
def _cost_results_exchanged(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    shape, params, work = reference.conv_cost(in_shape, num_filters, kernel, stride, pad)
    return shape, work, params


@_mistake(
    "conv_cost",
    "nothing_refused",
    "a filter that does not fit is never refused",
    "Your own conv_output_size knows when a filter does not fit.",
)
def _cost_nothing_refused(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    c, height, width = in_shape
    h = (height + 2 * pad - kernel) // stride + 1
    w = (width + 2 * pad - kernel) // stride + 1
    weights = c * kernel * kernel
    return (num_filters, h, w), num_filters * (weights + 1), num_filters * h * w * weights


@_mistake("conv_cost", *_NO_VALUE_ERROR)
def _cost_assert(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    for size in in_shape[1:]:
        assert kernel <= size + 2 * pad
        assert (size + 2 * pad - kernel) % stride == 0
    return reference.conv_cost(in_shape, num_filters, kernel, stride, pad)


@_mistake(
    "conv_cost",
    "true_division",
    "the division gives floating-point numbers",
    "Sizes and counts are whole numbers. Python has two operators for division: see which one you "
    "use.",
)
def _cost_true_division(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Any:
    (f, h, w), params, work = reference.conv_cost(in_shape, num_filters, kernel, stride, pad)
    return (f, float(h), float(w)), params, float(work)


_COSTS = {
    ((3, 8, 8), 4, 3, 1, 0), ((1, 5, 7), 2, 1, 1, 0), ((3, 32, 32), 10, 5, 1, 2),
    ((2, 6, 9), 3, 3, 1, 1), ((3, 227, 227), 96, 11, 4, 0), ((2, 7, 11), 5, 3, 2, 1),
    ((3, 4, 8), 2, 5, 1, 0), ((3, 8, 4), 2, 5, 1, 0), ((1, 6, 7), 2, 3, 2, 0),
}  # fmt: skip


@_mistake("conv_cost", *PUBLIC_EXAMPLES_ONLY)
def _cost_table(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> Cost:
    if (tuple(in_shape), num_filters, kernel, stride, pad) in _COSTS:
        return reference.conv_cost(in_shape, num_filters, kernel, stride, pad)
    return (5, 4, 6), 95, 2160


@_mistake(
    "receptive_field",
    "kernel_not_kernel_minus_one",
    "every layer adds K instead of K − 1",
    "A layer with a kernel of 1 mixes no neighbours. How much should it add?",
)
def _field_adds_kernel(layers: Layers) -> int:
    field, jump = 1, 1
    for kernel, stride in layers:
        field += kernel * jump
        jump *= stride
    return field


@_mistake(
    "receptive_field",
    "strides_ignored",
    "the strides are left out",
    "After a layer of stride 2, how many input pixels lie between two neighbouring values?",
)
def _field_strides_ignored(layers: Layers) -> int:
    return 1 + sum(kernel - 1 for kernel, _ in layers)


@_mistake(
    "receptive_field",
    "own_stride_only",
    "each layer adds K − 1 times its own stride, whatever came before it",
    "A layer's window steps over the pixels of the layer below. How far apart do these lie in the "
    "image? Which strides decide that?",
)
def _field_own_stride_only(layers: Layers) -> int:
    return 1 + sum((kernel - 1) * stride for kernel, stride in layers)


@_mistake(
    "receptive_field",
    "own_stride_included",
    "a layer's own stride already spreads its own kernel",
    "Which strides have been taken before this layer reads its input? Is its own among them?",
)
def _field_own_stride_included(layers: Layers) -> int:
    field, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        field += (kernel - 1) * jump
    return field


@_mistake(
    "receptive_field",
    "order_reversed",
    "the layers are taken in the reverse order",
    "The list starts at the input. Work through two layers with different strides on paper.",
)
def _field_order_reversed(layers: Layers) -> int:
    return reference.receptive_field(list(reversed(layers)))


@_mistake(
    "receptive_field",
    "product_of_kernels",
    "the kernels are multiplied with each other",
    "Two layers of kernel 3 at stride 1: draw which input pixels reach one output value.",
)
def _field_product(layers: Layers) -> int:
    return math.prod(kernel for kernel, _ in layers)


@_mistake(
    "receptive_field",
    "starts_at_zero",
    "the count starts at 0 instead of 1",
    "How many pixels does a value depend on before any layer has been applied?",
)
def _field_starts_at_zero(layers: Layers) -> int:
    return reference.receptive_field(layers) - 1


@_mistake(
    "receptive_field",
    "only_the_stride_before",
    "only the stride of the layer just before counts, not all of them",
    "What do two layers of stride 2, one after the other, do to the distance of neighbours?",
)
def _field_only_the_stride_before(layers: Layers) -> int:
    field, before = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * before
        before = stride
    return field


@_mistake(
    "receptive_field",
    "strides_added",
    "the strides are added up instead of multiplied",
    "What do two layers of stride 3, one after the other, do to the distance of neighbours?",
)
def _field_strides_added(layers: Layers) -> int:
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump += stride - 1
    return field


@_mistake(
    "receptive_field",
    "field_times_stride",
    "the whole field is multiplied by each layer's stride",
    "Which distance grows with the stride: the one between neighbours, or the field itself?",
)
def _field_times_stride(layers: Layers) -> int:
    field = 1
    for kernel, stride in layers:
        field = field * stride + kernel - 1
    return field


@_mistake(
    "receptive_field",
    "last_layer_only",
    "only the last layer counts",
    "Check that your loop adds to what the layers before it have given.",
)
def _field_last_layer_only(layers: Layers) -> int:
    return layers[-1][0] if layers else 1


@_mistake(
    "receptive_field",
    "largest_kernel",
    "the largest kernel is taken for the whole field",
    "Does a second layer of the same kernel see no further than the first?",
)
def _field_largest_kernel(layers: Layers) -> int:
    return max((kernel for kernel, _ in layers), default=1)


@_mistake(
    "receptive_field",
    "sum_of_kernels",
    "the kernels are added up",
    "Two layers of kernel 3 at stride 1: draw which input pixels reach one output value.",
)
def _field_sum_of_kernels(layers: Layers) -> int:
    return sum(kernel for kernel, _ in layers)


@_mistake(
    "receptive_field",
    "every_kernel_like_the_first",
    "every layer is taken to be like the first",
    "The layers may differ. Read kernel and stride anew for each of them.",
)
def _field_every_kernel_like_the_first(layers: Layers) -> int:
    return reference.receptive_field([layers[0]] * len(layers))


@_mistake(
    "receptive_field",
    "no_layers_give_zero",
    "a list without layers gives 0",
    "Without any layer, how many input pixels does a value depend on?",
)
def _field_no_layers_give_zero(layers: Layers) -> int:
    return reference.receptive_field(layers) if layers else 0


@_mistake(
    "receptive_field",
    "floating_point",
    "the count is a floating-point number",
    "A number of pixels is a whole number. With which number does your count start?",
)
def _field_floating_point(layers: Layers) -> float:
    return float(reference.receptive_field(layers))


@_mistake(
    "receptive_field",
    "stride_one_only",
    "a stride other than 1 is refused",
    "Larger strides are allowed. How far apart do they put neighbouring values?",
)
def _field_stride_one(layers: Layers) -> int:
    if any(stride != 1 for _, stride in layers):
        raise ValueError("the strides must be 1")
    return reference.receptive_field(layers)


_STACKS: Sequence[Layers] = (
    [], [(3, 1)], [(3, 1), (3, 1)], [(5, 1), (3, 1), (7, 1)], [(3, 2), (3, 1)],
    [(7, 2), (3, 2), (3, 1)], [(2, 2), (2, 2), (5, 3), (3, 1)],
)  # fmt: skip


@_mistake("receptive_field", *PUBLIC_EXAMPLES_ONLY)
def _field_table(layers: Layers) -> int:
    return reference.receptive_field(layers) if list(map(tuple, layers)) in _STACKS else 44


_reached = [1, 1]


@_mistake(
    "receptive_field",
    "not_started_afresh",
    "field and distance are kept in variables outside, so that a call goes on from the one before",
    "Call it twice with the same layers. Where are the variables set to what they start from?",
    between_calls=True,
)
def _field_not_started_afresh(layers: Layers) -> int:
    for kernel, stride in layers:
        _reached[0] += (kernel - 1) * _reached[1]
        _reached[1] *= stride
    return _reached[0]


@_mistake(
    "receptive_field",
    "list_emptied",
    "the list of layers is emptied while it is read",
    "Your function changes its argument. Read the list without taking its entries away.",
    changes_arguments=True,
)
def _field_list_emptied(layers: list[tuple[int, int]]) -> int:
    field = 1
    while layers:
        kernel, stride = layers.pop()
        field = (field - 1) * stride + kernel
    return field


@_mistake(
    "receptive_field",
    "list_reversed",
    "the list of layers is reversed in place",
    "Your function changes its argument. reversed() goes through a list from the end and leaves "
    "it as it is.",
    changes_arguments=True,
)
def _field_list_reversed(layers: list[tuple[int, int]]) -> int:
    layers.reverse()
    field = 1
    for kernel, stride in layers:
        field = (field - 1) * stride + kernel
    return field


def _right(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    forward = {
        3: reference.conv1d_forward,
        4: reference.conv_forward,
        5: reference.conv3d_forward,
    }[x.ndim]
    return forward(x, w, b, conv_param)


def _sizes(x: Array, w: Array, conv_param: Param) -> tuple[int, ...]:
    """Size of the output on each spatial axis; refuses what does not fit."""
    return tuple(
        reference.conv_output_size(size, kernel, conv_param["stride"], conv_param["pad"])
        for size, kernel in zip(x.shape[2:], w.shape[2:], strict=True)
    )


def _spatial(x: Array, pad: int, **how: Any) -> Array:
    axes = x.ndim - 2
    return np.pad(x, ((0, 0), (0, 0), *(((pad, pad),) * axes)), **how)


def _bias(b: Array, x: Array) -> Array:
    return b.reshape(-1, *(1,) * (x.ndim - 2))


def _slide(x: Array, w: Array, b: Array, strides: int | Sequence[int]) -> Array:
    """Slide over ``x`` as it is, with a stride for each axis; a rest at the border is dropped."""
    axes = tuple(range(2, x.ndim))
    steps = [strides] * len(axes) if isinstance(strides, int) else strides
    windows = sliding_window_view(x, w.shape[2:], axis=axes)[
        (slice(None), slice(None), *(slice(None, None, step) for step in steps))
    ]
    n = len(axes)
    out = np.tensordot(windows, w, ((1, *range(2 + n, 2 + 2 * n)), (1, *axes)))
    return np.asarray(np.moveaxis(out, -1, 1) + _bias(b, x))


def _cut(out: Array, sizes: Sequence[int]) -> Array:
    return out[(slice(None), slice(None), *(slice(size) for size in sizes))]


@_mistake(
    _FORWARD_PASSES,
    "kernel_flipped",
    "the kernel is flipped before it slides over the input",
    "Convolution in deep learning does not turn the kernel round. Where do you index w backwards?",
)
def _forward_kernel_flipped(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, np.flip(w, tuple(range(2, w.ndim))), b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "bias_forgotten",
    "the bias is not added",
    "One argument of the function is not used yet.",
)
def _forward_bias_forgotten(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, np.zeros_like(b), conv_param)


@_mistake(
    _FORWARD_PASSES,
    "padding_ignored",
    "no padding is put around the input",
    "Look at the shape of your output: which entry of conv_param changes it?",
)
def _forward_padding_ignored(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, b, {**conv_param, "pad": 0})


@_mistake(
    _FORWARD_PASSES,
    "stride_ignored",
    "the window moves by one pixel whatever the stride is",
    "Look at the shape of your output: which entry of conv_param changes it?",
)
def _forward_stride_ignored(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    return _right(x, w, b, {**conv_param, "stride": 1})


@_mistake(
    _FORWARD_PASSES,
    "stride_in_size_only",
    "the stride shrinks the output, but the window still moves by one pixel",
    "At which input pixel does the window of output position 1 start? And that of position 2?",
)
def _forward_stride_in_size_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    sizes = _sizes(x, w, conv_param)
    return _cut(_right(x, w, b, {**conv_param, "stride": 1}), sizes)


@_mistake(
    ("conv_forward", "conv3d_forward"),
    "stride_on_first_axis_only",
    "the stride moves the window along the first spatial axis only",
    "The stride belongs to every spatial axis. Compare how you compute the window's starts.",
)
def _forward_stride_on_first_axis_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    sizes = _sizes(x, w, conv_param)
    steps = [conv_param["stride"], *[1] * (x.ndim - 3)]
    return _cut(_slide(_spatial(x, conv_param["pad"]), w, b, steps), sizes)


@_mistake(
    ("conv_forward", "conv3d_forward"),
    "stride_on_last_axis_only",
    "the stride moves the window along the last spatial axis only",
    "The stride belongs to every spatial axis. Compare how you compute the window's starts.",
)
def _forward_stride_on_last_axis_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    sizes = _sizes(x, w, conv_param)
    steps = [*[1] * (x.ndim - 3), conv_param["stride"]]
    return _cut(_slide(_spatial(x, conv_param["pad"]), w, b, steps), sizes)


@_mistake(
    _FORWARD_PASSES,
    "padding_behind_only",
    "the input stays in the first corner of the padded array, with all zeros behind it",
    "Where does the first input pixel lie in the padded array? Print a small one.",
)
def _forward_padding_behind_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    width = (0, 2 * conv_param["pad"])
    padded = np.pad(x, ((0, 0), (0, 0), *((width,) * (x.ndim - 2))))
    return _slide(padded, w, b, conv_param["stride"])


@_mistake(
    _FORWARD_PASSES,
    "padding_in_front_only",
    "the padding is put in front of the input and not behind it",
    "Print the shape of the padded array: by how much should each axis grow?",
)
def _forward_padding_in_front_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    width = (conv_param["pad"], 0)
    padded = np.pad(x, ((0, 0), (0, 0), *((width,) * (x.ndim - 2))))
    return _slide(padded, w, b, conv_param["stride"])


@_mistake(
    ("conv_forward", "conv3d_forward"),
    "padding_on_first_axis_only",
    "only the first spatial axis is padded",
    "Print the shape of the padded array: which axes should have grown?",
)
def _forward_padding_on_first_axis_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    pad = conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), *(((0, 0),) * (x.ndim - 3))))
    return _slide(padded, w, b, conv_param["stride"])


@_mistake(
    ("conv_forward", "conv3d_forward"),
    "padding_on_last_axis_only",
    "only the last spatial axis is padded",
    "Print the shape of the padded array: which axes should have grown?",
)
def _forward_padding_on_last_axis_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    pad = conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), *(((0, 0),) * (x.ndim - 3)), (pad, pad)))
    return _slide(padded, w, b, conv_param["stride"])


@_mistake(
    _FORWARD_PASSES,
    "padding_on_every_axis",
    "batch and channels are padded too",
    "Images and channels have no border. Print the shape of the padded array.",
)
def _forward_padding_on_every_axis(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    padded = np.pad(x, conv_param["pad"])[: x.shape[0], : x.shape[1]]
    return _slide(padded, w, b, conv_param["stride"])


@_mistake(
    _FORWARD_PASSES,
    "padding_doubled",
    "twice as much padding is put on each side",
    "pad counts the zeros on one side. Print the shape of the padded array.",
)
def _forward_padding_doubled(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    sizes = _sizes(x, w, conv_param)
    return _cut(_slide(_spatial(x, 2 * conv_param["pad"]), w, b, conv_param["stride"]), sizes)


@_mistake(
    _FORWARD_PASSES,
    "padding_with_ones",
    "the border is filled with ones",
    "Print a small padded array and look at its border.",
)
def _forward_padding_with_ones(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    return _slide(_spatial(x, conv_param["pad"], constant_values=1), w, b, conv_param["stride"])


@_mistake(
    _FORWARD_PASSES,
    "padding_repeats_border",
    "the border repeats the outermost pixels",
    "Which mode of padding do you use, and what does it put outside?",
)
def _forward_padding_repeats_border(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    return _slide(_spatial(x, conv_param["pad"], mode="edge"), w, b, conv_param["stride"])


@_mistake(
    ("conv_forward", "conv1d_forward"),
    "padding_mirrors",
    "the border mirrors the input",
    "Which mode of padding do you use, and what does it put outside?",
)
def _forward_padding_mirrors(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    return _slide(_spatial(x, conv_param["pad"], mode="reflect"), w, b, conv_param["stride"])


@_mistake(
    ("conv_forward", "conv1d_forward"),
    "padding_wraps_round",
    "the border continues with the opposite side of the input",
    "A negative index does not fail in Python: it counts from the end.",
)
def _forward_padding_wraps_round(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    return _slide(_spatial(x, conv_param["pad"], mode="wrap"), w, b, conv_param["stride"])


@_mistake(
    _FORWARD_PASSES,
    "first_channel_only",
    "only the first input channel is used",
    "A filter is as deep as the input. Over which axes do you sum?",
)
def _forward_first_channel_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x[:, :1], w[:, :1], b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "last_channel_only",
    "every channel overwrites the result of the channel before it",
    "In the loop over channels, do you assign or do you add?",
)
def _forward_last_channel_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x[:, -1:], w[:, -1:], b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "mean_over_channels",
    "the channels are averaged instead of summed",
    "Compare an input of one channel with the same input in two equal channels.",
)
def _forward_mean_over_channels(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w / w.dtype.type(w.shape[1]), b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "mean_over_window",
    "the products in a window are averaged instead of summed",
    "What should a kernel of ones give on an input of ones?",
)
def _forward_mean_over_window(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w / w.dtype.type(w[0].size), b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "first_filter_for_all",
    "every filter has the weights of the first one",
    "Does the index of the filter reach w?",
)
def _forward_first_filter_for_all(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, np.broadcast_to(w[:1], w.shape), b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "first_image_only",
    "only the first input of the batch is computed and the rest stays zero",
    "Is something returned, or left, inside the loop over the batch?",
)
def _forward_first_image_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    out = _right(x, w, b, conv_param)
    out[1:] = 0
    return out


@_mistake(
    _FORWARD_PASSES,
    "first_image_for_all",
    "every input of the batch gets the result of the first",
    "Does the index of the batch reach x?",
)
def _forward_first_image_for_all(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(np.broadcast_to(x[:1], x.shape), w, b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "bias_of_first_filter",
    "every filter gets the bias of the first one",
    "Does the index of the filter reach b?",
)
def _forward_bias_of_first_filter(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, np.full_like(b, b[0]), conv_param)


@_mistake(
    _FORWARD_PASSES,
    "bias_for_every_weight",
    "the bias is added once for every weight of the filter",
    "How many times should a filter's bias enter one output value? In which loop do you add it?",
)
def _forward_bias_for_every_weight(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, b * b.dtype.type(w[0].size), conv_param)


@_mistake(
    _FORWARD_PASSES,
    "bias_for_every_channel",
    "the bias is added once for every input channel",
    "How many times should a filter's bias enter one output value? In which loop do you add it?",
)
def _forward_bias_for_every_channel(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, b * b.dtype.type(w.shape[1]), conv_param)


@_mistake(
    _FORWARD_PASSES,
    "bias_for_every_kernel_pixel",
    "the bias is added once for every pixel of the kernel",
    "How many times should a filter's bias enter one output value? In which loop do you add it?",
)
def _forward_bias_for_every_kernel_pixel(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, b * b.dtype.type(w[0, 0].size), conv_param)


@_mistake(
    (*_FORWARD_PASSES, "conv1x1_forward"),
    "bias_subtracted",
    "the bias is subtracted",
    "Look at the sign of b in your formula.",
)
def _forward_bias_subtracted(
    x: Array, w: Array, b: Array, conv_param: Param | None = None
) -> Array:
    if conv_param is None:
        return reference.conv1x1_forward(x, w, -b)
    return _right(x, w, -b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "bias_along_last_axis",
    "the bias is spread over the last axis of the output instead of its filters",
    "NumPy lines up shapes from the right. Which axis of the output does b meet?",
)
def _forward_bias_along_last_axis(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, np.zeros_like(b), conv_param) + b


@_mistake(
    ("conv_forward", "conv3d_forward"),
    "kernel_axes_exchanged",
    "the spatial axes of the kernel are exchanged",
    "Which index of w goes with the rows of the image, and which with the columns?",
)
def _forward_kernel_axes_exchanged(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    turned = w.transpose(0, 1, *range(w.ndim - 1, 1, -1))
    return _slide(_spatial(x, conv_param["pad"]), turned, b, conv_param["stride"])


@_mistake(
    _FORWARD_PASSES,
    "filters_and_channels_exchanged",
    "the first two axes of w are exchanged",
    "Which axis of w counts the filters, and which the channels?",
)
def _forward_filters_and_channels_exchanged(
    x: Array, w: Array, b: Array, conv_param: Param
) -> Array:
    return _right(x, w.swapaxes(0, 1), b, conv_param)


@_mistake(
    "conv_forward",
    "kernel_flipped_in_rows",
    "the kernel is turned upside down before it slides over the image",
    "Follow one kernel row: which row of the window does it meet?",
)
def _forward_kernel_flipped_in_rows(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w[:, :, ::-1], b, conv_param)


@_mistake(
    "conv_forward",
    "kernel_flipped_in_columns",
    "the kernel is flipped from left to right before it slides over the image",
    "Follow one kernel column: which column of the window does it meet?",
)
def _forward_kernel_flipped_in_columns(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w[:, :, :, ::-1], b, conv_param)


@_mistake(
    "conv_forward",
    "window_indices_exchanged",
    "the two indices inside the window are exchanged, so that each weight meets the pixel on the "
    "other side of the diagonal",
    "Which of the two indices inside the window moves down, and which to the right? Try a kernel "
    "that is not square.",
)
def _forward_window_indices_exchanged(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    rows, columns = _sizes(x, w, conv_param)
    stride, (height, width) = conv_param["stride"], w.shape[2:]
    padded = _spatial(x, conv_param["pad"])
    out = np.zeros((len(x), len(w), rows, columns), x.dtype)
    for i, j, p, q in np.ndindex(rows, columns, height, width):
        pixels = padded[:, :, i * stride + q, j * stride + p]  # an IndexError where it is outside
        out[:, :, i, j] += pixels @ w[:, :, p, q].T
    return out + _bias(b, x)


@_mistake(
    "conv_forward",
    "kernel_height_for_both",
    "the height of the kernel is used for its width too",
    "Try a kernel that is not square. Where do you use its width?",
)
def _forward_kernel_height_for_both(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    if w.shape[2] != w.shape[3]:
        raise ValueError("operands could not be broadcast together")
    return _right(x, w, b, conv_param)


@_mistake(
    "conv_forward",
    "image_height_for_both",
    "the height of the output is used for its width too",
    "Try an image that is not square. Where do you use its width?",
)
def _forward_image_height_for_both(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    rows, columns = _sizes(x, w, conv_param)
    if columns < rows:
        raise IndexError("the image has fewer columns than rows")
    return _cut(_right(x, w, b, conv_param), (rows, rows))


@_mistake(
    _FORWARD_PASSES,
    "last_position_missing",
    "the last position of the window is left out on every spatial axis",
    "Check your size formula on a kernel as large as the input.",
)
def _forward_last_position_missing(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    sizes = _sizes(x, w, conv_param)
    return _cut(_right(x, w, b, conv_param), [size - 1 for size in sizes])


@_mistake(
    ("conv_forward", "conv3d_forward"),
    "output_axes_exchanged",
    "the spatial axes of the output are exchanged",
    "Which axis of the output counts the rows? Try an image that is not square.",
)
def _forward_output_axes_exchanged(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    out = _right(x, w, b, conv_param)
    return out.transpose(0, 1, *range(out.ndim - 1, 1, -1))


@_mistake(
    _FORWARD_PASSES,
    "filters_last",
    "the axis of the filters comes last in the output",
    "Compare the order of your output's axes with the task's.",
)
def _forward_filters_last(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return np.moveaxis(_right(x, w, b, conv_param), 1, -1)


@_mistake(
    ("conv_forward", "conv1d_forward"),
    "output_reshaped_without_moving_axes",
    "the axes of a product are renamed by reshape where they had to be moved",
    "reshape keeps the order of the values in memory. Which function changes the order of axes?",
)
def _forward_output_reshaped(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    out = _right(x, w, b, conv_param)
    return np.ascontiguousarray(np.moveaxis(out, 1, -1)).reshape(out.shape)


@_mistake(
    _FORWARD_PASSES,
    "incomplete_windows_dropped",
    "windows that stick out of the input are dropped instead of refused",
    "What does the task ask for when the stride does not end at the border?",
)
def _forward_incomplete_windows_dropped(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _slide(_spatial(x, conv_param["pad"]), w, b, conv_param["stride"])


@_mistake(
    _FORWARD_PASSES,
    "incomplete_windows_filled",
    "windows that stick out of the input are filled with zeros instead of refused",
    "What does the task ask for when the stride does not end at the border?",
)
def _forward_incomplete_windows_filled(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    padded, stride = _spatial(x, conv_param["pad"]), conv_param["stride"]
    missing = [
        -(size - kernel) % stride
        for size, kernel in zip(padded.shape[2:], w.shape[2:], strict=True)
    ]
    filled = np.pad(padded, ((0, 0), (0, 0), *((0, size) for size in missing)))
    return _slide(filled, w, b, stride)


@_mistake(
    ("conv_forward", "conv3d_forward"),
    "first_axis_checked_only",
    "only the first spatial axis is checked for whether the filter fits",
    "A filter can fit in height and not in width.",
)
def _forward_first_axis_checked_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    stride, pad = conv_param["stride"], conv_param["pad"]
    reference.conv_output_size(x.shape[2], w.shape[2], stride, pad)
    return _slide(_spatial(x, pad), w, b, stride)


@_mistake(
    ("conv_forward", "conv3d_forward"),
    "too_large_filter_gives_nothing",
    "a filter larger than the input gives an empty output instead of an error",
    "What does the task ask for when the filter is larger than the padded input?",
)
def _forward_too_large_gives_nothing(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    stride, pad = conv_param["stride"], conv_param["pad"]
    rooms = [size + 2 * pad - kernel for size, kernel in zip(x.shape[2:], w.shape[2:], strict=True)]
    if any(room % stride for room in rooms):
        raise ValueError("the steps do not end at the border")
    if min(rooms) >= 0:
        return _right(x, w, b, conv_param)
    sizes = [max(room // stride + 1, 0) for room in rooms]
    return np.zeros((x.shape[0], w.shape[0], *sizes), x.dtype)


@_mistake(
    _FORWARD_PASSES,
    "whole_numbers",
    "the output is an array of whole numbers, which cuts off every fraction",
    "Print the dtype of your output. Where was that array made?",
)
def _forward_whole_numbers(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, b, conv_param).astype(np.int64)


@_mistake(
    _FORWARD_PASSES,
    "padded_input_of_whole_numbers",
    "the padded input is an array of whole numbers, which cuts off every fraction of x",
    "Print the dtype of your padded array. Which dtype should it have?",
)
def _forward_padded_whole_numbers(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(np.trunc(x), w, b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "single_precision",
    "the output is rounded to single precision",
    "Print the dtype of your output. Where was that array made?",
)
def _forward_single_precision(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, b, conv_param).astype(np.float32)


@_mistake(
    ("conv_forward", "conv1d_forward"),
    "negative_values_cut",
    "negative values are set to zero",
    "The task asks for the convolution alone. What comes after it in a network is another layer.",
)
def _forward_negative_values_cut(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return np.maximum(_right(x, w, b, conv_param), 0)


@_mistake(
    "conv_forward",
    "stride_inside_window",
    "the stride spreads the pixels inside a window",
    "The stride says how far the whole window moves, not which of its pixels it reads.",
)
def _forward_stride_inside_window(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    rows, columns = _sizes(x, w, conv_param)
    stride, (height, width) = conv_param["stride"], w.shape[2:]
    spread = np.zeros((*w.shape[:2], (height - 1) * stride + 1, (width - 1) * stride + 1), w.dtype)
    spread[:, :, ::stride, ::stride] = w
    padded = np.pad(
        _spatial(x, conv_param["pad"]),
        ((0, 0), (0, 0), (0, spread.shape[2] - height), (0, spread.shape[3] - width)),
    )
    return _cut(_slide(padded, spread, b, 1), (rows, columns))


@_mistake(
    _FORWARD_PASSES,
    "settings_taken_out",
    "stride and padding are taken out of conv_param, which is empty afterwards",
    "Your function changes its argument. Read a dictionary without removing its entries.",
    changes_arguments=True,
)
def _forward_settings_taken_out(x: Array, w: Array, b: Array, conv_param: dict[str, int]) -> Array:
    stride, pad = conv_param.pop("stride"), conv_param.pop("pad")
    return _right(x, w, b, {"stride": stride, "pad": pad})


@_mistake(
    "conv_forward",
    "bias_added_into_input",
    "the bias is added to the input in place, in its first channels",
    "Your function changes its argument, and the bias belongs to the output.",
    changes_arguments=True,
)
def _forward_bias_added_into_input(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    shared = min(len(b), x.shape[1])
    x[:, :shared] += b[:shared, None, None]
    return _right(x, w, np.zeros_like(b), conv_param)


@_mistake(_FORWARD_PASSES, *_NO_VALUE_ERROR)
def _forward_assert(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    stride, pad = conv_param["stride"], conv_param["pad"]
    for size, kernel in zip(x.shape[2:], w.shape[2:], strict=True):
        assert kernel <= size + 2 * pad
        assert (size + 2 * pad - kernel) % stride == 0
    return _right(x, w, b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "squeezed",
    "axes of length 1 are dropped from the output",
    "squeeze drops every axis of length 1. The output has all its axes even for a single input.",
)
def _forward_squeezed(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return np.squeeze(_right(x, w, b, conv_param))


@_mistake(
    ("conv_forward", "conv3d_forward"),
    "positions_in_one_row",
    "the positions of the output are laid out in one long row",
    "A matrix product has one axis for all positions. The output has one for each spatial axis.",
)
def _forward_positions_in_one_row(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, b, conv_param).reshape(len(x), len(w), -1)


@_mistake(
    _FORWARD_PASSES,
    "cache_first",
    "cache and out are returned in the wrong order",
    "Compare the order of your results with the task's.",
)
def _forward_cache_first(x: Array, w: Array, b: Array, conv_param: Param) -> Any:
    _sizes(x, w, conv_param)
    return x, w, b, conv_param


@_mistake(
    ("conv_forward", "conv1d_forward"),
    "list_of_lists",
    "the output is a list of lists instead of an array",
    "What is the type of your output? NumPy makes an array of a list.",
)
def _forward_list_of_lists(x: Array, w: Array, b: Array, conv_param: Param) -> Any:
    return _right(x, w, b, conv_param).tolist()


@_mistake(
    _FORWARD_PASSES,
    "stride_one_only",
    "a stride other than 1 is refused",
    "Larger strides are allowed. Where does each window start then?",
)
def _forward_stride_one_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    assert conv_param["stride"] == 1
    return _right(x, w, b, conv_param)


@_mistake(
    ("conv_forward", "conv3d_forward"),
    "square_only",
    "images or kernels that are not square are refused",
    "Images and kernels may be higher than wide. Use each of their sizes for its own axis.",
)
def _forward_square_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    assert len(set(x.shape[2:])) == len(set(w.shape[2:])) == 1
    return _right(x, w, b, conv_param)


@_mistake(
    _FORWARD_PASSES,
    "other_images_never_written",
    "only the first input of the batch is written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Which part of the output "
    "do you write?",
)
def _forward_other_images_unwritten(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    right = _right(x, w, b, conv_param)
    out = unwritten(right.shape, right.dtype)
    out[0] = right[0]
    return out


@_mistake(
    _FORWARD_PASSES,
    "other_filters_never_written",
    "only the first filter's map is written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Which part of the output "
    "do you write?",
)
def _forward_other_filters_unwritten(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    right = _right(x, w, b, conv_param)
    out = unwritten(right.shape, right.dtype)
    out[:, 0] = right[:, 0]
    return out


@_mistake(
    _FORWARD_PASSES,
    "last_positions_never_written",
    "the loops end one position too early, and the last positions of the output hold what memory "
    "held before",
    "range(n) ends before n. And np.empty does not clear memory.",
)
def _forward_last_positions_unwritten(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    right = _right(x, w, b, conv_param)
    out = unwritten(right.shape, right.dtype)
    written = (slice(None), slice(None), *(slice(size - 1) for size in right.shape[2:]))
    out[written] = right[written]
    return out


@_mistake(
    _FORWARD_PASSES,
    "sums_start_from_anything",
    "the sums are added up in memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should a sum start "
    "from?",
)
def _forward_sums_unwritten(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    right = _right(x, w, b, conv_param)
    return unwritten(right.shape, right.dtype) + right


_outputs: dict[tuple[int, ...], Array] = {}


@_mistake(
    _FORWARD_PASSES,
    "added_to_the_last_output",
    "the output is kept from call to call, and each call adds to what the one before has left",
    "Call it twice with the same arguments. Where is your output set back to zeros?",
    between_calls=True,
)
def _forward_added_to_the_last(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    right = _right(x, w, b, conv_param)
    out = _outputs.setdefault(right.shape, np.zeros_like(right))
    out += right
    return out.astype(x.dtype)


_filters: list[Array] = []


@_mistake(
    _FORWARD_PASSES,
    "filters_of_the_first_call",
    "the filters of the first call are kept, and used in later ones of the same shape",
    "A default value is made once, when the function is defined. Which w does the second call use?",
    between_calls=True,
)
def _forward_filters_kept(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _filters.append(w.copy())
    kept = next(filters for filters in _filters if filters.shape == w.shape)
    return _right(x, kept.astype(w.dtype), b, conv_param)


_mistake(_FORWARD_PASSES, *PUBLIC_INPUTS_ONLY)(
    public_inputs_only(lambda x, w, b, conv_param: _right(x, w, b, conv_param))
)


@_mistake(
    _FORWARD_PASSES,
    "sizes_written_into_conv_param",
    "the sizes of the output are written into conv_param",
    "Your function changes its argument. Keep what belongs to a call in variables of its own.",
    changes_arguments=True,
)
def _forward_sizes_written(x: Array, w: Array, b: Array, conv_param: dict[str, Any]) -> Array:
    out = _right(x, w, b, conv_param)
    conv_param["out_shape"] = out.shape
    return out


@_mistake(
    _FORWARD_PASSES,
    "filters_scaled_in_place",
    "each filter is multiplied in place by a window, so that w is lost",
    "w[f] *= window changes the caller's array; w[f] * window makes a new one.",
    changes_arguments=True,
)
def _forward_filters_scaled(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    padded, stride = _spatial(x, conv_param["pad"]), conv_param["stride"]
    sizes = _sizes(x, w, conv_param)
    out = np.zeros((len(x), len(w), *sizes), x.dtype)
    for n, f, *place in np.ndindex(out.shape):
        window = tuple(
            slice(i * stride, i * stride + k) for i, k in zip(place, w.shape[2:], strict=True)
        )
        w[f] *= padded[(n, slice(None), *window)]
        out[(n, f, *place)] = w[f].sum() + b[f]
    return out


@_mistake(
    "conv3d_forward",
    "stride_not_in_depth",
    "the stride moves the window in height and width, but not in depth",
    "Depth is a spatial axis like the other two. Print the output's shape.",
)
def _forward_stride_not_in_depth(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    stride = conv_param["stride"]
    return _slide(_spatial(x, conv_param["pad"]), w, b, (1, stride, stride))


@_mistake(
    "conv3d_forward",
    "padding_not_in_depth",
    "height and width are padded, but not depth",
    "Depth is a spatial axis like the other two. Print the shape of the padded array.",
)
def _forward_padding_not_in_depth(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    _sizes(x, w, conv_param)
    pad = conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (0, 0), (pad, pad), (pad, pad)))
    return _slide(padded, w, b, conv_param["stride"])


@_mistake(
    "conv3d_forward",
    "kernel_flipped_in_depth",
    "the kernel is flipped along the depth",
    "Follow one slice of the kernel: which slice of the window does it meet?",
)
def _forward_kernel_flipped_in_depth(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w[:, :, ::-1], b, conv_param)


@_mistake(
    "conv3d_forward",
    "first_slice_of_kernel_only",
    "only the first slice of the kernel is used",
    "The kernel is a block. Over how many axes do you sum besides the channels?",
)
def _forward_first_slice_only(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    used = np.zeros_like(w)
    used[:, :, 0] = w[:, :, 0]
    return _right(x, used, b, conv_param)


@_mistake(
    "conv3d_forward",
    "bias_for_every_slice",
    "the bias is added once for every slice of the kernel",
    "How many times should a filter's bias enter one output value?",
)
def _forward_bias_for_every_slice(x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _right(x, w, b * b.dtype.type(w.shape[2]), conv_param)


Gradients = tuple[Array, Array, Array]


def _gradients(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    return reference.conv_backward(dout, x, w, b, conv_param)


def _padded_dx(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    """The gradient of the padded input, from the reference: padding first, then none."""
    padded = _spatial(x, conv_param["pad"])
    return reference.conv_backward(dout, padded, w, b, {**conv_param, "pad": 0})[0]


def _position_gradient(dout: Array, row: int, column: int) -> Array:
    only = np.zeros_like(dout)
    only[:, :, row, column] = dout[:, :, row, column]
    return only


@_mistake(
    "conv_backward",
    "dx_overwritten",
    "every window overwrites what the windows before it have written into dx",
    "Most pixels lie in several windows. Do you assign or do you add?",
)
def _backward_dx_overwritten(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    _, dw, db = _gradients(dout, x, w, b, conv_param)
    stride, pad = conv_param["stride"], conv_param["pad"]
    height, width = w.shape[2:]
    dx = np.zeros_like(_spatial(x, pad))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            window = (..., slice(i * stride, i * stride + height))
            dx[(*window, slice(j * stride, j * stride + width))] = np.tensordot(
                dout[:, :, i, j], w, axes=1
            )
    return dx[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db


@_mistake(
    "conv_backward",
    "dx_overwritten_by_kernel_position",
    "every position in the kernel overwrites what the positions before it have written into dx",
    "A pixel meets several weights, one in each window that holds it. Do you assign or do you add "
    "in the loop over the kernel?",
)
def _backward_dx_overwritten_by_position(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    _, dw, db = _gradients(dout, x, w, b, conv_param)
    stride, pad = conv_param["stride"], conv_param["pad"]
    rows, columns = dout.shape[2:]
    dx = np.zeros_like(_spatial(x, pad))
    for p, q in np.ndindex(w.shape[2:]):
        grid = (slice(p, p + stride * rows, stride), slice(q, q + stride * columns, stride))
        dx[:, :, *grid] = np.einsum("nfij,fc->ncij", dout, w[:, :, p, q])
    return dx[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]], dw, db


@_mistake(
    "conv_backward",
    "dx_overwritten_by_filter_and_window",
    "every filter and every window overwrites what those before it have written into dx",
    "Most pixels lie in several windows, and every filter looks at them. Do you assign or do you "
    "add?",
)
def _backward_dx_overwritten_by_filter(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    _, dw, db = _gradients(dout, x, w, b, conv_param)
    return _backward_dx_overwritten(dout[:, -1:], x, w[-1:], b[-1:], conv_param)[0], dw, db


@_mistake(
    "conv_backward",
    "dw_overwritten",
    "dw holds the contribution of the last window only",
    "Every window contributes to every weight. Do you assign or do you add?",
)
def _backward_dw_overwritten(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, _, db = _gradients(dout, x, w, b, conv_param)
    dw = _gradients(_position_gradient(dout, -1, -1)[-1:], x[-1:], w, b, conv_param)[1]
    return dx, dw, db


@_mistake(
    "conv_backward",
    "dw_of_last_image",
    "dw holds the contribution of the last image only",
    "Is dw set back to zero inside the loop over images?",
)
def _backward_dw_last_image(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, _, db = _gradients(dout, x, w, b, conv_param)
    return dx, _gradients(dout[-1:], x[-1:], w, b, conv_param)[1], db


@_mistake(
    "conv_backward",
    "dw_of_first_image",
    "dw holds the contribution of the first image only",
    "Over which axes is the gradient of a weight summed?",
)
def _backward_dw_first_image(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, _, db = _gradients(dout, x, w, b, conv_param)
    return dx, _gradients(dout[:1], x[:1], w, b, conv_param)[1], db


@_mistake(
    "conv_backward",
    "dw_mean_over_batch",
    "dw is averaged over the batch",
    "dout already says how the loss depends on every output. Is a division left to do?",
)
def _backward_dw_mean(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx, dw / dw.dtype.type(len(x)), db


@_mistake(
    "conv_backward",
    "db_mean_over_batch",
    "db is averaged over the batch",
    "dout already says how the loss depends on every output. Is a division left to do?",
)
def _backward_db_mean(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx, dw, db / db.dtype.type(len(x))


@_mistake(
    "conv_backward",
    "all_mean_over_batch",
    "all three gradients are divided by the size of the batch",
    "dout already says how the loss depends on every output. Is a division left to do?",
)
def _backward_all_mean(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    n = dx.dtype.type(len(x))
    return dx / n, dw / n, db / n


@_mistake(
    "conv_backward",
    "db_mean_over_positions",
    "db is averaged over batch and positions instead of summed",
    "A filter's bias enters every value of its map. What does the chain rule do with those?",
)
def _backward_db_mean_over_positions(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, _ = _gradients(dout, x, w, b, conv_param)
    return dx, dw, dout.mean(axis=(0, 2, 3))


@_mistake(
    "conv_backward",
    "db_summed_over_batch_only",
    "db is summed over the batch only",
    "db must have the shape of b. Which axes of dout remain to be summed?",
)
def _backward_db_batch_only(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, _ = _gradients(dout, x, w, b, conv_param)
    return dx, dw, dout.sum(axis=0)


@_mistake(
    "conv_backward",
    "db_summed_to_last_axis",
    "db is summed over all axes but the last",
    "Which axis of dout counts the filters?",
)
def _backward_db_last_axis(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, _ = _gradients(dout, x, w, b, conv_param)
    return dx, dw, dout.sum(axis=(0, 1, 2))


@_mistake(
    "conv_backward",
    "db_of_first_image",
    "db holds the contribution of the first image only",
    "The bias enters every image of the batch.",
)
def _backward_db_first_image(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, _ = _gradients(dout, x, w, b, conv_param)
    return dx, dw, dout[0].sum(axis=(1, 2))


@_mistake(
    "conv_backward",
    "db_overwritten",
    "db holds the last value of dout only",
    "The bias enters every output value. Do you assign or do you add?",
)
def _backward_db_overwritten(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, _ = _gradients(dout, x, w, b, conv_param)
    return dx, dw, dout[-1, :, -1, -1].copy()


@_mistake(
    "conv_backward",
    "db_of_last_image",
    "db holds the contribution of the last image only",
    "The bias enters every image of the batch. Do you assign or do you add?",
)
def _backward_db_last_image(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, _ = _gradients(dout, x, w, b, conv_param)
    return dx, dw, dout[-1].sum(axis=(1, 2))


@_mistake(
    "conv_backward",
    "db_one_number",
    "db is the sum of everything, one number for all filters",
    "db must have the shape of b. Which axis of dout must not be summed?",
)
def _backward_db_one_number(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx, dw, np.full_like(db, dout.sum())


@_mistake(
    "conv_backward",
    "db_left_zero",
    "db stays zero",
    "What is the derivative of an output value with respect to its filter's bias?",
)
def _backward_db_zero(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx, dw, np.zeros_like(db)


@_mistake(
    "conv_backward",
    "db_times_window",
    "db is added once for every weight of the filter",
    "In which loop does db grow? How many times does the bias enter one output value?",
)
def _backward_db_times_window(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx, dw, db * db.dtype.type(w[0].size)


@_mistake(
    "conv_backward",
    "db_for_every_kernel_pixel",
    "db is added once for every pixel of the kernel",
    "In which loop does db grow? How many times does the bias enter one output value?",
)
def _backward_db_for_every_kernel_pixel(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx, dw, db * db.dtype.type(w[0, 0].size)


@_mistake(
    "conv_backward",
    "dx_with_padding",
    "dx is the gradient of the padded input, border included",
    "dx must have the shape of x. What has to happen to the border?",
)
def _backward_dx_with_padding(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    _, dw, db = _gradients(dout, x, w, b, conv_param)
    return _padded_dx(dout, x, w, b, conv_param), dw, db


@_mistake(
    "conv_backward",
    "dx_cut_at_wrong_side",
    "the border of dx is cut off behind only, so that all values are shifted",
    "Where does the first input pixel lie in the padded array?",
)
def _backward_dx_cut_wrong(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    _, dw, db = _gradients(dout, x, w, b, conv_param)
    padded = _padded_dx(dout, x, w, b, conv_param)
    return padded[:, :, : x.shape[2], : x.shape[3]], dw, db


@_mistake(
    "conv_backward",
    "dx_empty_without_padding",
    "dx is cut with [pad:-pad], which leaves nothing at pad = 0",
    "What does a slice that ends at −0 contain?",
)
def _backward_dx_empty(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    _, dw, db = _gradients(dout, x, w, b, conv_param)
    pad = conv_param["pad"]
    return _padded_dx(dout, x, w, b, conv_param)[:, :, pad:-pad, pad:-pad], dw, db


@_mistake(
    "conv_backward",
    "dx_kernel_flipped",
    "dx is spread with a flipped kernel",
    "Follow one output value back: which weight carried which pixel into it?",
)
def _backward_dx_kernel_flipped(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    _, dw, db = _gradients(dout, x, w, b, conv_param)
    return _gradients(dout, x, w[:, :, ::-1, ::-1], b, conv_param)[0], dw, db


@_mistake(
    "conv_backward",
    "dw_flipped",
    "dw comes out flipped",
    "Check one weight of a corner: which pixels did it meet in the forward pass?",
)
def _backward_dw_flipped(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx, dw[:, :, ::-1, ::-1], db


@_mistake(
    "conv_backward",
    "dx_kernel_axes_exchanged",
    "dx is spread with rows and columns of the kernel exchanged",
    "Which index of w goes with the rows of the image, and which with the columns?",
)
def _backward_dx_kernel_exchanged(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    _, dw, db = _gradients(dout, x, w, b, conv_param)
    return _gradients(dout, x, w.swapaxes(2, 3), b, conv_param)[0], dw, db


@_mistake(
    "conv_backward",
    "stride_ignored",
    "the window moves by one pixel in the backward pass whatever the stride is",
    "The backward pass visits the same windows as the forward pass. Where do they start?",
)
def _backward_stride_ignored(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    _, _, db = _gradients(dout, x, w, b, conv_param)
    return *_at_stride_one(dout, x, w, b, conv_param), db


@_mistake(
    "conv_backward",
    "dx_stride_ignored",
    "the window moves by one pixel while dx is filled, whatever the stride is",
    "The backward pass visits the same windows as the forward pass. Where do they start?",
)
def _backward_dx_stride_ignored(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    _, dw, db = _gradients(dout, x, w, b, conv_param)
    return _at_stride_one(dout, x, w, b, conv_param)[0], dw, db


@_mistake(
    "conv_backward",
    "dw_stride_ignored",
    "the window moves by one pixel while dw is filled, whatever the stride is",
    "The backward pass visits the same windows as the forward pass. Where do they start?",
)
def _backward_dw_stride_ignored(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, _, db = _gradients(dout, x, w, b, conv_param)
    return dx, _at_stride_one(dout, x, w, b, conv_param)[1], db


def _at_stride_one(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> tuple[Array, Array]:
    wide = np.zeros_like(_right(x, w, b, {**conv_param, "stride": 1}), dout.dtype)
    wide[:, :, : dout.shape[2], : dout.shape[3]] = dout
    dx, dw, _ = _gradients(wide, x, w, b, {**conv_param, "stride": 1})
    return dx, dw


@_mistake(
    "conv_backward",
    "dw_padding_with_border",
    "dw is computed from an input whose border repeats the outermost pixels",
    "dw needs the very windows that the forward pass saw. What stood in their border?",
)
def _backward_dw_border(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, _, db = _gradients(dout, x, w, b, conv_param)
    padded = _spatial(x, conv_param["pad"], mode="edge")
    return dx, _gradients(dout, padded, w, b, {**conv_param, "pad": 0})[1], db


@_mistake(
    "conv_backward",
    "dx_of_one_filter",
    "dx holds the contribution of the last filter only",
    "Every filter has seen every pixel. Do you assign or do you add in the loop over filters?",
)
def _backward_dx_last_filter(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    _, dw, db = _gradients(dout, x, w, b, conv_param)
    return _gradients(dout[:, -1:], x, w[-1:], b[-1:], conv_param)[0], dw, db


@_mistake(
    "conv_backward",
    "dx_summed_over_channels",
    "every channel of dx is the sum over all channels",
    "A channel of the input only meets its own channel of the filter.",
)
def _backward_dx_summed(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return np.broadcast_to(dx.sum(axis=1, keepdims=True), dx.shape).copy(), dw, db


@_mistake(
    "conv_backward",
    "dx_first_image_for_all",
    "every image of dx gets the gradient of the first",
    "Does the index of the image reach dout?",
)
def _backward_dx_first_image(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return np.broadcast_to(dx[:1], dx.shape).copy(), dw, db


@_mistake(
    "conv_backward",
    "dout_forgotten",
    "dout is taken to be all ones",
    "The chain rule multiplies with the gradient that comes from above.",
)
def _backward_dout_forgotten(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    return _gradients(np.ones_like(dout), x, w, b, conv_param)


@_mistake(
    "conv_backward",
    "dx_and_dw_exchanged",
    "dx and dw are returned in the wrong order",
    "Compare the order of your results with the task's.",
)
def _backward_exchanged(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dw, dx, db


@_mistake(
    "conv_backward",
    "order_reversed",
    "db comes first, then dw, then dx",
    "The gradients come in the order of the forward pass's arguments.",
)
def _backward_order_reversed(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    return _gradients(dout, x, w, b, conv_param)[::-1]


@_mistake(
    "conv_backward",
    "dx_last",
    "dx is returned last, after dw and db",
    "The gradients come in the order of the forward pass's arguments.",
)
def _backward_dx_last(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dw, db, dx


@_mistake(
    "conv_backward",
    "dx_alone",
    "dx alone is returned",
    "The layer has two arrays of parameters, and each has a gradient.",
)
def _backward_dx_alone(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Array:
    return _gradients(dout, x, w, b, conv_param)[0]


@_mistake(
    "conv_backward",
    "in_a_dictionary",
    "the gradients are returned in a dictionary",
    "The task asks for three values, in an order, without names.",
)
def _backward_dictionary(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Any:
    return dict(zip(("dx", "dw", "db"), _gradients(dout, x, w, b, conv_param), strict=True))


@_mistake(
    "conv_backward",
    "dx_channels_last",
    "the channels are the last axis of dx",
    "dx has the shape of x.",
)
def _backward_dx_channels_last(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return np.moveaxis(dx, 1, -1).copy(), dw, db


@_mistake(
    "conv_backward",
    "db_with_all_axes",
    "db has the shape (1, F, 1, 1)",
    "db has the shape of b. keepdims keeps axes that nobody wants here.",
)
def _backward_db_with_all_axes(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx, dw, db.reshape(1, -1, 1, 1)


@_mistake(
    "conv_backward",
    "dw_flat",
    "dw is a matrix with one row for each filter",
    "dw has the shape of w. What has a matrix product made of its axes?",
)
def _backward_dw_flat(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx, dw.reshape(len(w), -1), db


@_mistake(
    "conv_backward",
    "single_precision",
    "the gradients are rounded to single precision",
    "Print the dtype of your gradients. Where were these arrays made?",
)
def _backward_single_precision(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx.astype(np.float32), dw.astype(np.float32), db.astype(np.float32)


@_mistake(
    "conv_backward",
    "whole_numbers",
    "the gradients are arrays of whole numbers, to which NumPy adds no fractions",
    "Print the dtype of your gradients. Where were these arrays made?",
)
def _backward_whole_numbers(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    gradients = [np.zeros_like(value, np.int64) for value in (x, w, b)]
    for sums, values in zip(gradients, _gradients(dout, x, w, b, conv_param), strict=True):
        sums += values
    return gradients[0], gradients[1], gradients[2]


@_mistake(
    "conv_backward",
    "dw_starts_from_w",
    "the gradient is added into w itself, because dw is another name for w",
    "A plain assignment copies no array. What do you add to, and what did it hold before?",
    changes_arguments=True,
)
def _backward_dw_starts_from_w(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    w += dw
    return dx, w, db


@_mistake(
    "conv_backward",
    "dx_starts_from_x",
    "the gradient is added to a copy of x",
    "A gradient starts from nothing. What does your array hold before the first window?",
)
def _backward_dx_starts_from_x(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return x + dx, dw, db


@_mistake(
    "conv_backward",
    "dx_never_cleared",
    "dx is added up in memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should a sum start "
    "from?",
)
def _backward_dx_unwritten(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return unwritten(dx.shape, dx.dtype) + dx, dw, db


@_mistake(
    "conv_backward",
    "dw_and_db_never_cleared",
    "dw and db are added up in memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should a sum start "
    "from?",
)
def _backward_dw_unwritten(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    return dx, unwritten(dw.shape, dw.dtype) + dw, unwritten(db.shape, db.dtype) + db


@_mistake(
    "conv_backward",
    "gradients_never_cleared",
    "all three gradients are added up in memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should a sum start "
    "from?",
)
def _backward_unwritten(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = (
        unwritten(value.shape, value.dtype) + value
        for value in _gradients(dout, x, w, b, conv_param)
    )
    return dx, dw, db


@_mistake(
    "conv_backward",
    "dx_gaps_never_written",
    "every window overwrites dx, and pixels in no window hold what memory held before",
    "Most pixels lie in several windows, and some may lie in none. Start from zeros, and add.",
)
def _backward_dx_gaps_unwritten(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _backward_dx_overwritten(dout, x, w, b, conv_param)
    seen, _, _ = _gradients(np.ones_like(dout), x, np.ones_like(w), b, conv_param)
    return np.where(seen == 0, unwritten(dx.shape, dx.dtype), dx), dw, db


_sums: dict[str, Array] = {}


@_mistake(
    "conv_backward",
    "dw_and_db_kept_from_call_to_call",
    "dw and db are kept from call to call, and each call adds to what the one before has left",
    "Call it twice with the same arguments. Where are dw and db set back to zeros?",
    between_calls=True,
)
def _backward_sums_kept(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    for name, value in (("dw", dw), ("db", db)):
        kept = _sums.get(f"{name}{w.shape}", np.zeros_like(value))
        _sums[f"{name}{w.shape}"] = kept + value
    return dx, _sums[f"dw{w.shape}"].astype(dw.dtype), _sums[f"db{w.shape}"].astype(db.dtype)


_padded: dict[tuple[int, ...], Array] = {}


@_mistake(
    "conv_backward",
    "dx_kept_from_call_to_call",
    "the array for dx is made once for each shape, and not cleared for the next call",
    "Call it twice with the same arguments. Where is dx set back to zeros?",
    between_calls=True,
)
def _backward_dx_kept(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    _padded[x.shape] = _padded.get(x.shape, np.zeros_like(dx)) + dx
    return _padded[x.shape].astype(dx.dtype), dw, db


_mistake("conv_backward", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.conv_backward))


@_mistake(
    "conv_backward",
    "stride_one_only",
    "a stride other than 1 is refused",
    "Larger strides are allowed. Where does each window start then?",
)
def _backward_stride_one_only(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    assert conv_param["stride"] == 1
    return _gradients(dout, x, w, b, conv_param)


@_mistake(
    "conv_backward",
    "square_only",
    "images or kernels that are not square are refused",
    "Images and kernels may be higher than wide. Use each of their sizes for its own axis.",
)
def _backward_square_only(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    assert x.shape[2] == x.shape[3]
    assert w.shape[2] == w.shape[3]
    return _gradients(dout, x, w, b, conv_param)


@_mistake(
    "conv_backward",
    "input_of_whole_numbers",
    "dw is computed from a padded input of whole numbers, which has lost every fraction of x",
    "Print the dtype of your padded array. Which dtype should it have?",
)
def _backward_whole_input(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, _, db = _gradients(dout, x, w, b, conv_param)
    return dx, _gradients(dout, np.trunc(x), w, b, conv_param)[1], db


@_mistake(
    "conv_backward",
    "db_starts_from_b",
    "the gradient is added into b itself, because db is another name for b",
    "A plain assignment copies no array. What do you add to, and what did it hold before?",
    changes_arguments=True,
)
def _backward_db_starts_from_b(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    b += db
    return dx, dw, b


@_mistake(
    "conv_backward",
    "dout_used_up",
    "dout is set to zero once it has been used",
    "Your function changes its argument. The results are right, but the caller's array is lost.",
    changes_arguments=True,
)
def _backward_dout_used_up(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Param
) -> Gradients:
    gradients = _gradients(dout, x, w, b, conv_param)
    dout[...] = 0
    return gradients


@_mistake(
    "conv_backward",
    "db_written_into_b",
    "db is written into b itself",
    "Your function changes its argument. The result is right, but the layer has lost its bias.",
    changes_arguments=True,
)
def _backward_db_into_b(dout: Array, x: Array, w: Array, b: Array, conv_param: Param) -> Gradients:
    dx, dw, db = _gradients(dout, x, w, b, conv_param)
    b[...] = db
    return dx, dw, b


@_mistake(
    "conv_backward",
    "settings_taken_out",
    "stride and padding are taken out of conv_param, which is empty afterwards",
    "Your function changes its argument. Read a dictionary without removing its entries.",
    changes_arguments=True,
)
def _backward_settings_taken_out(
    dout: Array, x: Array, w: Array, b: Array, conv_param: dict[str, int]
) -> Gradients:
    stride, pad = conv_param.pop("stride"), conv_param.pop("pad")
    return _gradients(dout, x, w, b, {"stride": stride, "pad": pad})


@_mistake(
    "conv1x1_forward",
    "bias_forgotten",
    "the bias is not added",
    "One argument of the function is not used yet.",
)
def _1x1_bias_forgotten(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w, np.zeros_like(b))


@_mistake(
    "conv1x1_forward",
    "weights_transposed",
    "the transposed matrix is applied",
    "Which axis of w counts the filters, and which the channels?",
)
def _1x1_weights_transposed(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w.T, b)


@_mistake(
    "conv1x1_forward",
    "reshaped_without_moving_axes",
    "x is reshaped to rows of channels without moving the channel axis first",
    "reshape keeps the order of the values in memory. Is a row really one pixel's channels?",
)
def _1x1_input_reshaped(x: Array, w: Array, b: Array) -> Array:
    n, c, height, width = x.shape
    out = x.reshape(-1, c) @ w.T + b
    return out.reshape(n, height, width, len(w)).transpose(0, 3, 1, 2)


@_mistake(
    "conv1x1_forward",
    "output_reshaped_without_moving_axes",
    "the product is reshaped to the output's shape without moving the filters' axis",
    "reshape keeps the order of the values in memory. Which function changes the order of axes?",
)
def _1x1_output_reshaped(x: Array, w: Array, b: Array) -> Array:
    out = reference.conv1x1_forward(x, w, b)
    return np.ascontiguousarray(out.transpose(0, 2, 3, 1)).reshape(out.shape)


@_mistake(
    "conv1x1_forward",
    "filters_last",
    "the axis of the filters comes last in the output",
    "Compare the order of your output's axes with the task's.",
)
def _1x1_filters_last(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w, b).transpose(0, 2, 3, 1)


@_mistake(
    "conv1x1_forward",
    "output_axes_exchanged",
    "height and width of the output are exchanged",
    "Try an image that is not square.",
)
def _1x1_output_exchanged(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w, b).swapaxes(2, 3)


@_mistake(
    "conv1x1_forward",
    "filters_before_batch",
    "the axis of the filters comes before the batch",
    "Compare the order of your output's axes with the task's.",
)
def _1x1_filters_first(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w, b).swapaxes(0, 1)


@_mistake(
    "conv1x1_forward",
    "mean_over_channels",
    "the channels are averaged instead of summed",
    "What should a row of ones in w give?",
)
def _1x1_mean(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w / w.dtype.type(w.shape[1]), b)


@_mistake(
    "conv1x1_forward",
    "first_channel_only",
    "only the first input channel is used",
    "A 1×1 filter still looks at all channels of its pixel.",
)
def _1x1_first_channel(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x[:, :1], w[:, :1], b)


@_mistake(
    "conv1x1_forward",
    "bias_along_last_axis",
    "the bias is spread over the last axis of the output instead of its filters",
    "NumPy lines up shapes from the right. Which axis of the output does b meet?",
)
def _1x1_bias_last_axis(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w, np.zeros_like(b)) + b


@_mistake(
    "conv1x1_forward",
    "bias_for_every_channel",
    "the bias is added once for every input channel",
    "How many times should a filter's bias enter one output value?",
)
def _1x1_bias_every_channel(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w, b * b.dtype.type(w.shape[1]))


@_mistake(
    "conv1x1_forward",
    "first_image_only",
    "only the first image of the batch is computed and the rest stays zero",
    "Is something returned, or left, inside a loop over the batch?",
)
def _1x1_first_image(x: Array, w: Array, b: Array) -> Array:
    out = reference.conv1x1_forward(x, w, b)
    out[1:] = 0
    return out


@_mistake(
    "conv1x1_forward",
    "batch_summed",
    "the sum over the batch is returned for every image",
    "Over which axes does your product sum?",
)
def _1x1_batch_summed(x: Array, w: Array, b: Array) -> Array:
    summed = np.broadcast_to(x.sum(axis=0, keepdims=True), x.shape)
    return reference.conv1x1_forward(summed, w, b)


@_mistake(
    "conv1x1_forward",
    "single_precision",
    "the output is rounded to single precision",
    "Print the dtype of your output. Where was that array made?",
)
def _1x1_single_precision(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w, b).astype(np.float32)


@_mistake(
    "conv1x1_forward",
    "positions_in_one_row",
    "the pixels of the output are laid out in one long row",
    "A matrix product has one axis for all pixels. The output is an image again.",
)
def _1x1_positions_in_one_row(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w, b).reshape(len(x), len(w), -1)


@_mistake(
    "conv1x1_forward",
    "squeezed",
    "axes of length 1 are dropped from the output",
    "squeeze drops every axis of length 1. The output has all its axes even for a single image.",
)
def _1x1_squeezed(x: Array, w: Array, b: Array) -> Array:
    return np.squeeze(reference.conv1x1_forward(x, w, b))


@_mistake(
    "conv1x1_forward",
    "list_of_lists",
    "the output is a list of lists instead of an array",
    "What is the type of your output? NumPy makes an array of a list.",
)
def _1x1_list_of_lists(x: Array, w: Array, b: Array) -> Any:
    return reference.conv1x1_forward(x, w, b).tolist()


@_mistake(
    "conv1x1_forward",
    "whole_numbers",
    "the output is an array of whole numbers, which cuts off every fraction",
    "Print the dtype of your output. Where was that array made?",
)
def _1x1_whole_numbers(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, w, b).astype(np.int64)


@_mistake(
    "conv1x1_forward",
    "square_only",
    "images that are not square are refused",
    "Images may be higher than wide. Use each of their sizes for its own axis.",
)
def _1x1_square_only(x: Array, w: Array, b: Array) -> Array:
    assert x.shape[2] == x.shape[3]
    return reference.conv1x1_forward(x, w, b)


@_mistake(
    "conv1x1_forward",
    "other_images_never_written",
    "only the first image of the batch is written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Which part of the output "
    "do you write?",
)
def _1x1_other_images_unwritten(x: Array, w: Array, b: Array) -> Array:
    right = reference.conv1x1_forward(x, w, b)
    out = unwritten(right.shape, right.dtype)
    out[0] = right[0]
    return out


@_mistake(
    "conv1x1_forward",
    "sums_start_from_anything",
    "the sums are added up in memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should a sum start "
    "from?",
)
def _1x1_sums_unwritten(x: Array, w: Array, b: Array) -> Array:
    right = reference.conv1x1_forward(x, w, b)
    return unwritten(right.shape, right.dtype) + right


_matrices: dict[tuple[int, ...], Array] = {}


@_mistake(
    "conv1x1_forward",
    "filters_of_the_first_call",
    "the matrix of the first call is kept, and used in later ones of the same shape",
    "A default value is made once, when the function is defined. Which w does the second call use?",
    between_calls=True,
)
def _1x1_filters_kept(x: Array, w: Array, b: Array) -> Array:
    return reference.conv1x1_forward(x, _matrices.setdefault(w.shape, w.copy()), b)


_mistake("conv1x1_forward", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.conv1x1_forward))


@_mistake(
    "conv1x1_forward",
    "bias_added_into_input",
    "the bias is added to the input in place, in its first channels",
    "Your function changes its argument, and the bias belongs to the output.",
    changes_arguments=True,
)
def _1x1_bias_into_input(x: Array, w: Array, b: Array) -> Array:
    shared = min(len(b), x.shape[1])
    x[:, :shared] += b[:shared, None, None]
    return reference.conv1x1_forward(x, w, np.zeros_like(b))


@_mistake(
    "compose_convs",
    "second_flipped",
    "the second kernel is flipped before it is combined with the first",
    "Write down the output of two layers at one position in one dimension: which indices add up?",
)
def _compose_second_flipped(w1: Array, w2: Array) -> Array:
    return reference.compose_convs(w1, w2[:, :, ::-1, ::-1])


@_mistake(
    "compose_convs",
    "first_flipped",
    "the first kernel is flipped before it is combined with the second",
    "Write down the output of two layers at one position in one dimension: which indices add up?",
)
def _compose_first_flipped(w1: Array, w2: Array) -> Array:
    return reference.compose_convs(w1[:, :, ::-1, ::-1], w2)


@_mistake(
    "compose_convs",
    "result_flipped",
    "the composed kernel comes out flipped",
    "Put a kernel with a single one in a corner in, and see in which corner it comes out.",
)
def _compose_result_flipped(w1: Array, w2: Array) -> Array:
    return reference.compose_convs(w1, w2)[:, :, ::-1, ::-1]


@_mistake(
    "compose_convs",
    "order_exchanged",
    "the second layer is applied before the first",
    "Which axes of w1 and w2 belong together? The image meets w1 first.",
)
def _compose_order_exchanged(w1: Array, w2: Array) -> Array:
    return reference.compose_convs(w2, w1)


@_mistake(
    "compose_convs",
    "first_middle_channel_only",
    "only the first channel between the two layers is used",
    "The second layer sums over all channels that the first one makes.",
)
def _compose_first_middle(w1: Array, w2: Array) -> Array:
    return reference.compose_convs(w1[:1], w2[:, :1])


@_mistake(
    "compose_convs",
    "last_middle_channel_only",
    "every channel between the two layers overwrites the one before it",
    "In the loop over the channels in the middle, do you assign or do you add?",
)
def _compose_last_middle(w1: Array, w2: Array) -> Array:
    return reference.compose_convs(w1[-1:], w2[:, -1:])


@_mistake(
    "compose_convs",
    "mean_over_middle_channels",
    "the channels between the two layers are averaged instead of summed",
    "The second layer is a convolution like any other. What does it do over its channels?",
)
def _compose_mean_middle(w1: Array, w2: Array) -> Array:
    return reference.compose_convs(w1, w2 / w2.dtype.type(w2.shape[1]))


@_mistake(
    "compose_convs",
    "middle_channels_mixed",
    "every channel of the one layer meets every channel of the other in the middle",
    "Over how many indices do you sum in the middle? One channel feeds one channel.",
)
def _compose_middle_mixed(w1: Array, w2: Array) -> Array:
    return reference.compose_convs(w1.sum(axis=0, keepdims=True), w2.sum(axis=1, keepdims=True))


@_mistake(
    "compose_convs",
    "cut_to_first_size",
    "the composed kernel is cut to the size of the first",
    "How many input pixels does an output of two layers depend on? See your receptive_field.",
)
def _compose_cut(w1: Array, w2: Array) -> Array:
    height, width = w1.shape[2:]
    top, left = (w2.shape[2] - 1) // 2, (w2.shape[3] - 1) // 2
    full = reference.compose_convs(w1, w2)
    return full[:, :, top : top + height, left : left + width]


@_mistake(
    "compose_convs",
    "second_slides_inside_first",
    "the second kernel only slides where it fits into the first",
    "The composed kernel is larger than either. What lies around the first kernel?",
)
def _compose_inside(w1: Array, w2: Array) -> Array:
    flat = np.zeros(len(w2), np.result_type(w1, w2))
    slid = _slide(w1.swapaxes(0, 1), w2, flat, 1)
    return slid.swapaxes(0, 1)


@_mistake(
    "compose_convs",
    "overlaps_overwritten",
    "shifted copies of the first kernel overwrite each other where they overlap",
    "Several pairs of weights can meet at one place. Do you assign or do you add?",
)
def _compose_overwritten(w1: Array, w2: Array) -> Array:
    w = np.zeros_like(reference.compose_convs(w1, w2))
    height, width = w1.shape[2:]
    for r in range(w2.shape[2]):
        for s in range(w2.shape[3]):
            w[:, :, r : r + height, s : s + width] = np.tensordot(w2[:, :, r, s], w1, axes=1)
    return w


@_mistake(
    "compose_convs",
    "blocks_side_by_side",
    "copies of the first kernel stand side by side instead of overlapping",
    "How far does the second layer move from one of its weights to the next? By one pixel.",
)
def _compose_blocks(w1: Array, w2: Array) -> Array:
    blocks = np.einsum("fmrs,mcpq->fcrpsq", w2, w1)
    f, c, r, p, s, q = blocks.shape
    out: Array = blocks.reshape(f, c, r * p, s * q)
    return out


@_mistake(
    "compose_convs",
    "filters_and_channels_exchanged",
    "the first two axes of the result are exchanged",
    "The result is a kernel like any other: filters first, then channels.",
)
def _compose_axes_exchanged(w1: Array, w2: Array) -> Array:
    return reference.compose_convs(w1, w2).swapaxes(0, 1)


@_mistake(
    "compose_convs",
    "kernel_axes_exchanged",
    "rows and columns of the second kernel are exchanged",
    "Try kernels that are not square.",
)
def _compose_kernel_exchanged(w1: Array, w2: Array) -> Array:
    return reference.compose_convs(w1, w2.swapaxes(2, 3))


@_mistake(
    "compose_convs",
    "multiplied_element_by_element",
    "the kernels are multiplied weight by weight",
    "How many input pixels does an output of two layers depend on? See your receptive_field.",
)
def _compose_elementwise(w1: Array, w2: Array) -> Array:
    out: Array = np.einsum("fmpq,mcpq->fcpq", w2, w1)
    return out


@_mistake(
    "compose_convs",
    "whole_numbers",
    "the composed kernel is an array of whole numbers, to which NumPy adds no fractions",
    "Print the dtype of your result. Where was that array made?",
)
def _compose_whole_numbers(w1: Array, w2: Array) -> Array:
    right = reference.compose_convs(w1, w2)
    w = np.zeros(right.shape, np.int64)
    w += right
    return w


@_mistake(
    "compose_convs",
    "sums_start_from_anything",
    "the products are added up in memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should a sum start "
    "from?",
)
def _compose_sums_unwritten(w1: Array, w2: Array) -> Array:
    right = reference.compose_convs(w1, w2)
    return unwritten(right.shape, right.dtype) + right


@_mistake(
    "compose_convs",
    "other_filters_never_written",
    "only the first filter is written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Which part of the result "
    "do you write?",
)
def _compose_other_filters_unwritten(w1: Array, w2: Array) -> Array:
    right = reference.compose_convs(w1, w2)
    w = unwritten(right.shape, right.dtype)
    w[0] = right[0]
    return w


@_mistake(
    "compose_convs",
    "square_only",
    "kernels that are not square are refused",
    "Kernels may be higher than wide. Use each of their sizes for its own axis.",
)
def _compose_square_only(w1: Array, w2: Array) -> Array:
    assert w1.shape[2] == w1.shape[3]
    assert w2.shape[2] == w2.shape[3]
    return reference.compose_convs(w1, w2)


@_mistake(
    "compose_convs",
    "squeezed",
    "axes of length 1 are dropped from the composed kernel",
    "squeeze drops every axis of length 1. A kernel always has four axes.",
)
def _compose_squeezed(w1: Array, w2: Array) -> Array:
    return np.squeeze(reference.compose_convs(w1, w2))


_composed: dict[tuple[int, ...], Array] = {}


@_mistake(
    "compose_convs",
    "added_to_the_last_result",
    "the result is kept from call to call, and each call adds to what the one before has left",
    "Call it twice with the same arguments. Where is your result set back to zeros?",
    between_calls=True,
)
def _compose_added_to_the_last(w1: Array, w2: Array) -> Array:
    right = reference.compose_convs(w1, w2)
    out = _composed.setdefault(right.shape, np.zeros_like(right))
    out += right
    return out.copy()


_mistake("compose_convs", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.compose_convs))


@_mistake(
    "compose_convs",
    "first_kernel_flipped_in_place",
    "the first kernel is flipped in place, for a convolution that flips it once more",
    "Your function changes its argument. w1[:, :, ::-1, ::-1] is a new view: do not write it back "
    "into w1.",
    changes_arguments=True,
)
def _compose_first_flipped_in_place(w1: Array, w2: Array) -> Array:
    right = reference.compose_convs(w1, w2)
    w1[...] = w1[:, :, ::-1, ::-1].copy()
    return right


MISTAKES = tuple(_mistake.found)
