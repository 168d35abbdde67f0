"""Known mistakes of the assignment ``pooling``.

Each function takes its operator's arguments and computes what a student's code with that one
mistake returns. Everything else about it is right, the refusal of windows that do not fit too, so
that a suite which rejects it has found the mistake itself. Mistakes that students make most often
come first: where two of them give the same result, the first explains it.

Many mistakes are made with the maximum and with the average alike. They are written once:
``reduce`` is what a forward pass makes of a window, ``share`` how a backward pass deals out a
window's gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from autograder.mistakes import Register
from autograder.mistakes.families import PUBLIC_INPUTS_ONLY, is_public, unwritten
from autograder.reference import pooling as reference

__all__ = ["MISTAKES"]

Array = np.ndarray[Any, np.dtype[Any]]
Param = Mapping[str, int]
Pair = tuple[int, int]
Reduce = Callable[..., Any]
Share = Callable[[Array, Any], Array]
Function = Callable[..., Any]
Layer = Callable[[Array], Array] | str

_mistake = Register()


def _setting(pool_param: Param) -> tuple[Pair, int]:
    """The window (height, width), and the stride."""
    return (pool_param["pool_height"], pool_param["pool_width"]), pool_param["stride"]


def _with_window(pool_param: Param, height: int, width: int) -> dict[str, int]:
    return {**pool_param, "pool_height": height, "pool_width": width}


def _slide(x: Array, window: Pair, steps: Pair, size: Pair, reduce: Reduce) -> Array:
    """Reduce windows that may stick out of the image; they are cut off there, as slices are."""
    out = np.zeros((*x.shape[:2], *size), x.dtype)
    for i, j in np.ndindex(size):
        top, left = i * steps[0], j * steps[1]
        part = x[:, :, top : top + window[0], left : left + window[1]]
        out[:, :, i, j] = reduce(part, axis=(2, 3))
    return out


def _right(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    window, stride = _setting(pool_param)
    return _slide(x, window, (stride, stride), reference.output_size(x, pool_param), reduce)


_REDUCE: dict[str, Reduce] = {"max_pool_forward": np.max, "avg_pool_forward": np.mean}


def _forward(
    name: str,
    sentence: str,
    hint: str,
    *,
    changes_arguments: bool = False,
    between_calls: bool = False,
) -> Callable[[Function], Function]:
    """Enter a mistake of both forward passes; the function takes ``reduce`` as well."""

    def enter(function: Function) -> Function:
        for operator, reduce in _REDUCE.items():
            entry = _mistake(
                operator,
                name,
                sentence,
                hint,
                changes_arguments=changes_arguments,
                between_calls=between_calls,
            )
            entry(partial(function, reduce=reduce))
        return function

    return enter


@_mistake(
    "max_pool_forward",
    "zero_start",
    "the search for the maximum starts at 0, so that a window of negative values gives 0",
    "What is the largest of −3, −1 and −2? Follow your code with these numbers.",
)
def _max_zero_start(x: Array, pool_param: Param) -> Array:
    return np.maximum(_right(x, pool_param, np.max), 0).astype(x.dtype)


@_mistake(
    "avg_pool_forward",
    "sum_only",
    "the values of the window are added up, but not divided by their number",
    "What should the average of a window be in which all values are 5?",
)
def _avg_sum(x: Array, pool_param: Param) -> Array:
    return _right(x, pool_param, np.sum)


@_forward(
    "stride_is_the_window",
    "the window moves by its own size instead of by the stride",
    "The stride says how far the window moves. It need not be as large as the window.",
)
def _fwd_stride_is_window(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    reference.output_size(x, pool_param)
    window, _ = _setting(pool_param)
    size = ((x.shape[2] - window[0]) // window[0] + 1, (x.shape[3] - window[1]) // window[1] + 1)
    return _slide(x, window, window, size, reduce)


@_forward(
    "window_is_the_stride",
    "the window is as large as the stride",
    "Two things are asked for: how large the window is, and how far it moves. Which one is which?",
)
def _fwd_window_is_stride(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    _, stride = _setting(pool_param)
    size = reference.output_size(x, pool_param)
    return _slide(x, (stride, stride), (stride, stride), size, reduce)


@_forward(
    "stride_ignored",
    "the window moves by one pixel whatever the stride is",
    "Look at the shape of your output: which entry of pool_param changes it?",
)
def _fwd_stride_ignored(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    reference.output_size(x, pool_param)
    return _right(x, {**pool_param, "stride": 1}, reduce)


@_forward(
    "stride_in_size_only",
    "the stride shrinks the output, but the window still moves by one pixel",
    "At which pixel does the window of output position 1 start? And that of position 2?",
)
def _fwd_stride_in_size_only(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    size = reference.output_size(x, pool_param)
    return _slide(x, _setting(pool_param)[0], (1, 1), size, reduce)


@_forward(
    "stride_on_rows_only",
    "the stride is used downwards, and to the right the window moves by one pixel",
    "The stride belongs to both directions. Compare how you find the first row and first column.",
)
def _fwd_stride_on_rows(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    window, stride = _setting(pool_param)
    return _slide(x, window, (stride, 1), reference.output_size(x, pool_param), reduce)


@_forward(
    "stride_on_columns_only",
    "the stride is used to the right, and downwards the window moves by one pixel",
    "The stride belongs to both directions. Compare how you find the first row and first column.",
)
def _fwd_stride_on_columns(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    window, stride = _setting(pool_param)
    return _slide(x, window, (1, stride), reference.output_size(x, pool_param), reduce)


@_forward(
    "height_and_width_exchanged",
    "height and width of the window are exchanged",
    "Rows are the third axis of x and columns the fourth. Which of the two does pool_height cut?",
)
def _fwd_exchanged(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, width), _ = _setting(pool_param)
    return _right(x, _with_window(pool_param, width, height), reduce)


@_forward(
    "as_wide_as_high",
    "the window is taken to be as wide as it is high",
    "Try a window of 1×3. Where does your code read pool_width?",
)
def _fwd_as_wide_as_high(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, _), _ = _setting(pool_param)
    return _right(x, _with_window(pool_param, height, height), reduce)


@_forward(
    "as_high_as_wide",
    "the window is taken to be as high as it is wide",
    "Try a window of 1×3. Where does your code read pool_height?",
)
def _fwd_as_high_as_wide(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (_, width), _ = _setting(pool_param)
    return _right(x, _with_window(pool_param, width, width), reduce)


@_forward(
    "square_output",
    "the output is taken to be as wide as it is high",
    "Try an image that is not square.",
)
def _fwd_square_output(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    window, stride = _setting(pool_param)
    rows, _ = reference.output_size(x, pool_param)
    return _slide(x, window, (stride, stride), (rows, rows), reduce)


@_forward(
    "missing_one",
    "the window's first position is not counted, so that the output is one too small",
    "Count by hand: how many positions has a window that is exactly as large as the image?",
)
def _fwd_missing_one(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    rows, columns = reference.output_size(x, pool_param)
    return _right(x, pool_param, reduce)[:, :, : rows - 1, : columns - 1]


@_forward(
    "last_window_missed",
    "the loops end one place too early, and the last row and column of the output stay 0",
    "range(n) ends before n. At which place must your last window stand?",
)
def _fwd_last_window_missed(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    out = _right(x, pool_param, reduce)
    out[:, :, -1] = 0
    out[:, :, :, -1] = 0
    return out


@_forward(
    "remainder_dropped",
    "rows or columns that are left over at the end are dropped instead of being refused",
    "What does the task ask for when the last step does not end exactly at the border?",
)
def _fwd_remainder_dropped(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    window, stride = _setting(pool_param)
    room = [side - length for side, length in zip(x.shape[2:], window, strict=True)]
    if min(room) < 0:
        raise ValueError("the window does not fit")
    return _slide(
        x, window, (stride, stride), (room[0] // stride + 1, room[1] // stride + 1), reduce
    )


@_forward(
    "remainder_rounded_up",
    "a window that sticks out of the image is cut off instead of being refused",
    "What does the task ask for when the last step does not end exactly at the border?",
)
def _fwd_remainder_rounded_up(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    window, stride = _setting(pool_param)
    room = [side - length for side, length in zip(x.shape[2:], window, strict=True)]
    if min(room) < 0:
        raise ValueError("the window does not fit")
    size = (-(-room[0] // stride) + 1, -(-room[1] // stride) + 1)
    return _slide(x, window, (stride, stride), size, reduce)


@_forward(
    "remainder_of_rows_only",
    "only a remainder of the rows is refused, not one of the columns",
    "Two sizes can fail to fit. Try an image of 4 rows and 5 columns, window 2, stride 2.",
)
def _fwd_remainder_rows_only(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (_, width), stride = _setting(pool_param)
    spare = max(x.shape[3] - width, 0) % stride
    return _right(x[..., : x.shape[3] - spare], pool_param, reduce)


@_forward(
    "remainder_of_columns_only",
    "only a remainder of the columns is refused, not one of the rows",
    "Two sizes can fail to fit. Try an image of 5 rows and 4 columns, window 2, stride 2.",
)
def _fwd_remainder_columns_only(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, _), stride = _setting(pool_param)
    spare = max(x.shape[2] - height, 0) % stride
    return _right(x[:, :, : x.shape[2] - spare], pool_param, reduce)


@_forward(
    "too_large_accepted",
    "a window larger than the image is cut down to the image instead of being refused",
    "A slice that is too long is cut off silently. Who checks that the window fits?",
)
def _fwd_too_large_accepted(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, width), _ = _setting(pool_param)
    height, width = min(height, x.shape[2]), min(width, x.shape[3])
    return _right(x, _with_window(pool_param, height, width), reduce)


@_forward(
    "full_size_window_refused",
    "a window exactly as large as the image is refused",
    "Does a window as large as the image fit? Count its positions.",
)
def _fwd_full_size_refused(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, width), _ = _setting(pool_param)
    if height >= x.shape[2] or width >= x.shape[3]:
        raise ValueError("the window does not fit")
    return _right(x, pool_param, reduce)


@_forward(
    "first_image_only",
    "only the first image of the batch is worked on",
    "Which of your loops, or axes, runs over the images?",
)
def _fwd_first_image(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    out = _right(x, pool_param, reduce)
    out[1:] = 0
    return out


@_forward(
    "first_channel_only",
    "only the first channel is worked on",
    "Which of your loops, or axes, runs over the channels?",
)
def _fwd_first_channel(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    out = _right(x, pool_param, reduce)
    out[:, 1:] = 0
    return out


@_forward(
    "over_the_channels",
    "the window reaches through all channels",
    "A convolution mixes the channels. Does pooling? How many channels has its output?",
)
def _fwd_over_channels(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    out = reduce(_right(x, pool_param, reduce), axis=1, keepdims=True)
    return np.repeat(out, x.shape[1], axis=1)


@_forward(
    "over_the_images",
    "the window reaches through all images of the batch",
    "Each image is pooled by itself. Over which axes do you reduce?",
)
def _fwd_over_images(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    out = reduce(_right(x, pool_param, reduce), axis=0, keepdims=True)
    return np.repeat(out, x.shape[0], axis=0)


@_forward(
    "window_one_too_small",
    "the last row and the last column of each window are left out",
    "The end of a slice, or of a range, is not part of it. Print the shape of one window.",
)
def _fwd_window_too_small(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, width), stride = _setting(pool_param)
    size = reference.output_size(x, pool_param)
    return _slide(x, (height - 1, width - 1), (stride, stride), size, reduce)


@_forward(
    "window_one_too_large",
    "each window takes in one row and one column too many",
    "The end of a slice, or of a range, is not part of it. Print the shape of one window.",
)
def _fwd_window_too_large(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, width), stride = _setting(pool_param)
    size = reference.output_size(x, pool_param)
    return _slide(x, (height + 1, width + 1), (stride, stride), size, reduce)


@_forward(
    "window_centred",
    "the window is centred on its place instead of starting there",
    "Write down which rows belong to output row 0. Is there a row −1?",
)
def _fwd_window_centred(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, width), stride = _setting(pool_param)
    out = np.zeros((*x.shape[:2], *reference.output_size(x, pool_param)), x.dtype)
    for i, j in np.ndindex(out.shape[2:]):
        top, left = i * stride - height // 2, j * stride - width // 2
        rows = slice(max(top, 0), max(top + height, 1))
        part = x[:, :, rows, max(left, 0) : max(left + width, 1)]
        out[:, :, i, j] = reduce(part, axis=(2, 3))
    return out


@_forward(
    "first_column_of_the_window",
    "only the first column of each window is looked at",
    "A window has two axes. Over how many of them do you reduce?",
)
def _fwd_first_column(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, _), stride = _setting(pool_param)
    size = reference.output_size(x, pool_param)
    return _slide(x, (height, 1), (stride, stride), size, reduce)


@_forward(
    "first_row_of_the_window",
    "only the first row of each window is looked at",
    "A window has two axes. Over how many of them do you reduce?",
)
def _fwd_first_row(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (_, width), stride = _setting(pool_param)
    size = reference.output_size(x, pool_param)
    return _slide(x, (1, width), (stride, stride), size, reduce)


@_forward(
    "whole_image",
    "every window is the whole image",
    "Which rows and columns belong to place (i, j)? Print the shape of one window.",
)
def _fwd_whole_image(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    size = reference.output_size(x, pool_param)
    return _slide(x, (x.shape[2], x.shape[3]), (0, 0), size, reduce)


@_forward(
    "output_transposed",
    "rows and columns of the output are exchanged",
    "Try an image that is not square.",
)
def _fwd_output_transposed(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    return _right(x, pool_param, reduce).swapaxes(2, 3).copy()


@_forward(
    "channels_last",
    "the channels are the last axis of the output",
    "The output has the same order of axes as x.",
)
def _fwd_channels_last(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    return np.moveaxis(_right(x, pool_param, reduce), 1, -1).copy()


@_forward(
    "places_in_one_row",
    "the output's rows are laid out in one long row",
    "The output is an image again: how many axes has it?",
)
def _fwd_places_in_one_row(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    return _right(x, pool_param, reduce).reshape(*x.shape[:2], -1)


@_forward(
    "whole_numbers",
    "the output is an array of whole numbers, which cuts off every fraction",
    "Print the dtype of your output. Where was this array made?",
)
def _fwd_whole_numbers(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    return _right(x, pool_param, reduce).astype(np.int64)


@_forward(
    "single_precision",
    "the output is rounded to single precision",
    "Print the dtype of your output. Where was this array made?",
)
def _fwd_single_precision(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    return _right(x, pool_param, reduce).astype(np.float32)


@_forward(
    "double_precision",
    "the output is float64 whatever the dtype of x is",
    "np.zeros makes float64 unless you ask for another dtype.",
)
def _fwd_double_precision(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    return _right(x, pool_param, reduce).astype(np.float64)


@_forward(
    "written_into_x",
    "each window of x is overwritten with its result",
    "A slice is a view: what you write into it, you write into x.",
    changes_arguments=True,
)
def _fwd_written_into_x(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, width), stride = _setting(pool_param)
    out = np.zeros((*x.shape[:2], *reference.output_size(x, pool_param)), x.dtype)
    for i, j in np.ndindex(out.shape[2:]):
        top, left = i * stride, j * stride
        part = x[:, :, top : top + height, left : left + width]
        part[...] = reduce(part, axis=(2, 3), keepdims=True)
        out[:, :, i, j] = part[:, :, 0, 0]
    return out


@_forward(
    "settings_taken_out",
    "the entries of pool_param are taken out of the dictionary",
    "Your function changes its argument. Read an entry without removing it.",
    changes_arguments=True,
)
def _fwd_settings_taken_out(x: Array, pool_param: dict[str, int], reduce: Reduce) -> Array:
    out = _right(x, pool_param, reduce)
    pool_param.clear()
    return out


@_forward(
    "kept_from_window_to_window",
    "what was found in one window is carried over to the next",
    "Your running result must start afresh for every window.",
)
def _fwd_kept(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    out = _right(x, pool_param, np.max if reduce is np.max else np.sum)
    flat = out.reshape(*out.shape[:2], -1)
    if reduce is np.max:
        return np.maximum.accumulate(flat, axis=2).reshape(out.shape)
    (height, width), _ = _setting(pool_param)
    return (flat.cumsum(axis=2) / (height * width)).reshape(out.shape).astype(x.dtype)


@_forward(
    "windows_side_by_side",
    "x is reshaped to windows side by side, and refused where they overlap, leave gaps, or do not "
    "fill the image",
    "Cutting the image into tiles works where the stride is the window. Which way works always?",
)
def _fwd_side_by_side(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    (height, width), stride = _setting(pool_param)
    if not height == width == stride:
        raise ValueError("the windows must lie side by side")
    return _right(x, pool_param, reduce)


@_forward(
    "square_only",
    "images or windows that are not square are refused",
    "Images and windows may be higher than wide. Use each of their sizes for its own axis.",
)
def _fwd_square_only(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    reference.output_size(x, pool_param)
    assert x.shape[2] == x.shape[3]
    assert pool_param["pool_height"] == pool_param["pool_width"]
    return _right(x, pool_param, reduce)


@_forward(
    "another_exception",
    "sizes that do not fit are refused with an assert, and so with another exception than "
    "ValueError",
    "Which exception does the docstring name? An assert raises AssertionError.",
)
def _fwd_assert(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    window, stride = _setting(pool_param)
    for side, length in zip(x.shape[2:], window, strict=True):
        assert length <= side
        assert (side - length) % stride == 0
    return _right(x, pool_param, reduce)


@_forward(
    "none_instead_of_an_error",
    "nothing is computed where the window does not fit, and no error is raised",
    "Returning early and raising an error are different things. Which does the task ask for?",
)
def _fwd_none(x: Array, pool_param: Param, reduce: Reduce) -> Array | None:
    window, stride = _setting(pool_param)
    room = [side - length for side, length in zip(x.shape[2:], window, strict=True)]
    if min(room) < 0 or any(length % stride for length in room):
        return None
    return _right(x, pool_param, reduce)


@_forward(
    "other_images_never_written",
    "only the first image is written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Which part of the output "
    "do you write?",
)
def _fwd_other_images_unwritten(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    right = _right(x, pool_param, reduce)
    out = unwritten(right.shape, right.dtype)
    out[0] = right[0]
    return out


@_forward(
    "other_channels_never_written",
    "only the first channel is written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Which part of the output "
    "do you write?",
)
def _fwd_other_channels_unwritten(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    right = _right(x, pool_param, reduce)
    out = unwritten(right.shape, right.dtype)
    out[:, 0] = right[:, 0]
    return out


@_forward(
    "last_windows_never_written",
    "the loops end one place too early, and the last places of the output hold what memory held "
    "before",
    "range(n) ends before n. And np.empty does not clear memory.",
)
def _fwd_last_windows_unwritten(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    right = _right(x, pool_param, reduce)
    out = unwritten(right.shape, right.dtype)
    out[:, :, :-1, :-1] = right[:, :, :-1, :-1]
    return out


@_forward(
    "cache_first",
    "cache and out are returned in the wrong order",
    "Compare the order of your results with the task's.",
)
def _fwd_cache_first(x: Array, pool_param: Param, reduce: Reduce) -> Any:
    reference.output_size(x, pool_param)
    return x, pool_param


@_forward(
    "squeezed",
    "axes of length 1 are dropped from the output",
    "squeeze drops every axis of length 1. The output has four axes even for a single image.",
)
def _fwd_squeezed(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    return np.squeeze(_right(x, pool_param, reduce))


@_forward(
    "list_of_lists",
    "the output is a list of lists instead of an array",
    "What is the type of your output? NumPy makes an array of a list.",
)
def _fwd_list_of_lists(x: Array, pool_param: Param, reduce: Reduce) -> Any:
    return _right(x, pool_param, reduce).tolist()


@_forward(*PUBLIC_INPUTS_ONLY)
def _fwd_public_only(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    out = _right(x, pool_param, reduce)
    return out if is_public(x) else np.zeros_like(out)


_results: dict[tuple[Any, ...], Array] = {}


@_forward(
    "result_of_the_first_call",
    "the output of the first call is kept, and returned for all images of the same shape",
    "Does your function look at the values of x in the second call? A default value is made once.",
    between_calls=True,
)
def _fwd_result_kept(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    out = _right(x, pool_param, reduce)
    return _results.setdefault((reduce is np.max, out.shape), out).astype(x.dtype)


_best: dict[tuple[Any, ...], Array] = {}


@_forward(
    "output_not_cleared_between_calls",
    "the output is kept from call to call, and each call goes on from what the one before has left",
    "Call it with two images of the same shape. Where does your output start afresh?",
    between_calls=True,
)
def _fwd_not_cleared(x: Array, pool_param: Param, reduce: Reduce) -> Array:
    out = _right(x, pool_param, reduce)
    key = (reduce is np.max, out.shape)
    if key not in _best:
        _best[key] = out
    else:
        _best[key] = np.maximum(_best[key], out) if reduce is np.max else _best[key] + out
    return _best[key].astype(x.dtype)


@_forward(
    "sizes_written_into_pool_param",
    "the sizes of the output are written into pool_param",
    "Your function changes its argument. Keep what belongs to a call in variables of its own.",
    changes_arguments=True,
)
def _fwd_sizes_written(x: Array, pool_param: dict[str, Any], reduce: Reduce) -> Array:
    out = _right(x, pool_param, reduce)
    pool_param["out_height"], pool_param["out_width"] = out.shape[2:]
    return out


@_mistake(
    "max_pool_forward",
    "mean_instead",
    "the mean of the window is taken",
    "Which of the two pooling layers is asked for here?",
)
def _max_mean(x: Array, pool_param: Param) -> Array:
    return _right(x, pool_param, np.mean)


@_mistake(
    "max_pool_forward",
    "minimum",
    "the smallest value of the window is taken",
    "Try a window with the values 1, 2, 3, 4 by hand.",
)
def _max_minimum(x: Array, pool_param: Param) -> Array:
    return _right(x, pool_param, np.min)


@_mistake(
    "max_pool_forward",
    "absolute_values",
    "the values are compared, and returned, without their signs",
    "Which one is larger, −3 or 2?",
)
def _max_absolute(x: Array, pool_param: Param) -> Array:
    return _right(np.abs(x), pool_param, np.max)


@_mistake(
    "max_pool_forward",
    "largest_magnitude",
    "the value farthest from zero is taken",
    "Which one is larger, −3 or 2?",
)
def _max_magnitude(x: Array, pool_param: Param) -> Array:
    high, low = _right(x, pool_param, np.max), _right(x, pool_param, np.min)
    return np.where(np.abs(low) > np.abs(high), low, high)


@_mistake(
    "max_pool_forward",
    "sum_of_the_window",
    "the values of the window are added up",
    "What should the layer return for a window with the values 1, 2, 3, 4?",
)
def _max_sum(x: Array, pool_param: Param) -> Array:
    return _right(x, pool_param, np.sum)


@_mistake(
    "max_pool_forward",
    "first_value",
    "the first value of each window is taken",
    "Look at the other values of the window, too.",
)
def _max_first(x: Array, pool_param: Param) -> Array:
    return _right(x, pool_param, lambda part, axis: part[:, :, 0, 0])


@_mistake(
    "max_pool_forward",
    "position_returned",
    "the position of the maximum is returned instead of its value",
    "argmax and max answer different questions.",
)
def _max_position(x: Array, pool_param: Param) -> Array:
    def position(part: Array, axis: Pair) -> Array:
        return np.asarray(part.reshape(*part.shape[:2], -1).argmax(axis=2))

    return _right(x, pool_param, position)


@_mistake(
    "max_pool_forward",
    "maximum_of_row_sums",
    "the rows of the window are added up before the largest is taken",
    "How many values of x enter one value of the output? Just one of them comes out.",
)
def _max_row_sums(x: Array, pool_param: Param) -> Array:
    return _right(x, pool_param, lambda part, axis: part.sum(axis=3).max(axis=2))


@_mistake(
    "max_pool_forward",
    "maximum_of_row_means",
    "the rows of the window are averaged before the largest is taken",
    "How many values of x enter one value of the output? Just one of them comes out.",
)
def _max_row_means(x: Array, pool_param: Param) -> Array:
    return _right(x, pool_param, lambda part, axis: part.mean(axis=3).max(axis=2))


@_mistake(
    "max_pool_forward",
    "window_sorted_in_place",
    "the values of each window are sorted in place, so that x is mixed up",
    "sort() works in place, and a slice is a view: what you sort, you sort in x.",
    changes_arguments=True,
)
def _max_sorted_in_place(x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    out = np.zeros((*x.shape[:2], *reference.output_size(x, pool_param)), x.dtype)
    for n, c, i, j in np.ndindex(out.shape):
        top, left = i * stride, j * stride
        part = x[n, c, top : top + height, left : left + width]
        part.sort(axis=0)
        part.sort(axis=1)
        out[n, c, i, j] = part[-1, -1]
    return out


@_mistake(
    "avg_pool_forward",
    "maximum_instead",
    "the maximum of the window is taken",
    "Which of the two pooling layers is asked for here?",
)
def _avg_max(x: Array, pool_param: Param) -> Array:
    return _right(x, pool_param, np.max)


def _scaled_sum(x: Array, pool_param: Param, divisor: float) -> Array:
    return (_right(x, pool_param, np.sum) / divisor).astype(x.dtype)


@_mistake(
    "avg_pool_forward",
    "divided_by_stride_squared",
    "the sum is divided by the square of the stride",
    "How many values are added up? That has nothing to do with how far the window moves.",
)
def _avg_stride_squared(x: Array, pool_param: Param) -> Array:
    return _scaled_sum(x, pool_param, pool_param["stride"] ** 2)


@_mistake(
    "avg_pool_forward",
    "divided_by_height_squared",
    "the sum is divided by the square of the window's height",
    "How many values are in a window of 2×3?",
)
def _avg_height_squared(x: Array, pool_param: Param) -> Array:
    return _scaled_sum(x, pool_param, pool_param["pool_height"] ** 2)


@_mistake(
    "avg_pool_forward",
    "divided_by_width_squared",
    "the sum is divided by the square of the window's width",
    "How many values are in a window of 2×3?",
)
def _avg_width_squared(x: Array, pool_param: Param) -> Array:
    return _scaled_sum(x, pool_param, pool_param["pool_width"] ** 2)


@_mistake(
    "avg_pool_forward",
    "divided_by_height_plus_width",
    "the sum is divided by height plus width of the window",
    "How many values are in a window of 3×3?",
)
def _avg_height_plus_width(x: Array, pool_param: Param) -> Array:
    return _scaled_sum(x, pool_param, pool_param["pool_height"] + pool_param["pool_width"])


@_mistake(
    "avg_pool_forward",
    "divided_by_height_only",
    "the sum is divided by the window's height only",
    "How many values are in a window of 3×3?",
)
def _avg_height_only(x: Array, pool_param: Param) -> Array:
    return _scaled_sum(x, pool_param, pool_param["pool_height"])


@_mistake(
    "avg_pool_forward",
    "divided_by_the_image",
    "the sum is divided by the number of pixels of the image",
    "How many values did you add up for one output value?",
)
def _avg_by_image(x: Array, pool_param: Param) -> Array:
    return _scaled_sum(x, pool_param, x.shape[2] * x.shape[3])


@_mistake(
    "avg_pool_forward",
    "divided_by_the_places",
    "the sum is divided by the number of places of the window",
    "How many values did you add up for one output value?",
)
def _avg_by_places(x: Array, pool_param: Param) -> Array:
    rows, columns = reference.output_size(x, pool_param)
    return _scaled_sum(x, pool_param, rows * columns)


@_mistake(
    "avg_pool_forward",
    "divided_by_the_channels_too",
    "the sum is divided by the number of channels as well",
    "Each channel is pooled by itself. How many values did you add up for one output value?",
)
def _avg_by_channels(x: Array, pool_param: Param) -> Array:
    return np.asarray(_right(x, pool_param, np.mean) / x.shape[1], x.dtype)


@_mistake(
    "avg_pool_forward",
    "divided_twice",
    "the mean is divided by the number of values once more",
    "np.mean divides already.",
)
def _avg_twice(x: Array, pool_param: Param) -> Array:
    (height, width), _ = _setting(pool_param)
    return (_right(x, pool_param, np.mean) / (height * width)).astype(x.dtype)


@_mistake(
    "avg_pool_forward",
    "divided_without_fraction",
    "the division drops the fraction",
    "Python has two operators for division: see which one you use.",
)
def _avg_floor(x: Array, pool_param: Param) -> Array:
    (height, width), _ = _setting(pool_param)
    return np.asarray(_right(x, pool_param, np.sum) // (height * width))


@_mistake(
    "avg_pool_forward",
    "x_of_whole_numbers",
    "x is made an array of whole numbers first, which cuts off every fraction",
    "Which dtype do you give to your copy of x, or to the list of values of a window?",
)
def _avg_x_of_whole_numbers(x: Array, pool_param: Param) -> Array:
    return _right(np.trunc(x), pool_param, np.mean)


@_mistake(
    "avg_pool_forward",
    "x_divided_in_place",
    "x itself is divided by the number of values of a window",
    "x /= n changes the caller's array; x / n makes a new one.",
    changes_arguments=True,
)
def _avg_x_divided(x: Array, pool_param: Param) -> Array:
    (height, width), _ = _setting(pool_param)
    reference.output_size(x, pool_param)
    x /= height * width
    return _right(x, pool_param, np.sum)


@_mistake(
    "avg_pool_forward",
    "sum_starts_from_anything",
    "the values of a window are added up in memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should a sum start "
    "from?",
)
def _avg_sum_unwritten(x: Array, pool_param: Param) -> Array:
    (height, width), _ = _setting(pool_param)
    out = _right(x, pool_param, np.sum)
    return np.asarray((unwritten(out.shape, out.dtype) + out) / (height * width), x.dtype)


@_mistake(
    "avg_pool_forward",
    "median",
    "the value in the middle is taken instead of the mean",
    "Median and mean differ: a single large value moves only one of them.",
)
def _avg_median(x: Array, pool_param: Param) -> Array:
    return _right(x, pool_param, np.median)


@_mistake(
    "avg_pool_forward",
    "middle_of_smallest_and_largest",
    "the middle between the smallest and the largest value is taken",
    "Every value of the window counts the same in a mean.",
)
def _avg_midrange(x: Array, pool_param: Param) -> Array:
    low, high = _right(x, pool_param, np.min), _right(x, pool_param, np.max)
    return (low + high) / 2


def _to_maximum(part: Array, g: Any) -> Array:
    dealt = np.zeros(part.size, part.dtype)
    dealt[part.argmax()] = g
    return dealt.reshape(part.shape)


def _evenly(part: Array, g: Any) -> Array:
    return np.full(part.shape, g / part.size, part.dtype)


_SHARE: dict[str, Share] = {"max_pool_backward": _to_maximum, "avg_pool_backward": _evenly}


def _backward(
    name: str,
    sentence: str,
    hint: str,
    *,
    changes_arguments: bool = False,
    between_calls: bool = False,
) -> Callable[[Function], Function]:
    """Enter a mistake of both backward passes; the function takes ``share`` as well."""

    def enter(function: Function) -> Function:
        for operator, share in _SHARE.items():
            entry = _mistake(
                operator,
                name,
                sentence,
                hint,
                changes_arguments=changes_arguments,
                between_calls=between_calls,
            )
            entry(partial(function, share=share))
        return function

    return enter


def _deal(
    dout: Array,
    x: Array,
    pool_param: Param,
    share: Share,
    *,
    window: Pair | None = None,
    steps: Pair | None = None,
    overwrite: bool = False,
) -> Array:
    """Deal out every value of ``dout`` to the pixels of its window, one after the other."""
    true_window, stride = _setting(pool_param)
    height, width = window or true_window
    down, right = steps or (stride, stride)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        place = (n, c, slice(i * down, i * down + height), slice(j * right, j * right + width))
        part, g = x[place], dout[n, c, i, j]
        # A window that sticks out is cut off by the slice, but not counted anew.
        dealt = np.full(part.shape, g / (height * width)) if share is _evenly else share(part, g)
        if overwrite:
            dx[place] = dealt
        else:
            dx[place] += dealt
    return dx


@_mistake(
    "max_pool_backward",
    "every_maximum_in_full",
    "each of several equal maxima gets the whole gradient, so that it is multiplied",
    "Try a window of equal values. How much gradient goes in, and how much comes out?",
)
def _max_every_maximum(dout: Array, x: Array, pool_param: Param) -> Array:
    return _deal(dout, x, pool_param, lambda part, g: np.where(part == part.max(), g, 0))


@_backward(
    "overwritten",
    "windows that overlap overwrite what the window before them has given",
    "A pixel can lie in several windows. What should happen with what it gets from each of them?",
)
def _bwd_overwritten(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout, x, pool_param, share, overwrite=True)


@_backward(
    "overwritten_by_position",
    "every position in the window overwrites what the positions before it have written into dx",
    "A pixel can lie in several windows, at another position in each. Do you assign or do you add "
    "in the loop over the window?",
)
def _bwd_overwritten_by_position(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    (height, width), stride = _setting(pool_param)
    shares = np.zeros((*dout.shape, height, width), x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        part = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
        shares[n, c, i, j] = share(part, dout[n, c, i, j])
    rows, columns = dout.shape[2:]
    dx = np.zeros(x.shape, x.dtype)
    for p, q in np.ndindex(height, width):
        grid = (slice(p, p + stride * rows, stride), slice(q, q + stride * columns, stride))
        dx[:, :, *grid] = shares[..., p, q]
    return dx


@_mistake(
    "max_pool_backward",
    "maximum_overwritten",
    "a pixel that is the maximum of several windows keeps only what the last one gave",
    "A pixel can be the maximum of several windows. What should happen with what each gives it?",
)
def _max_maximum_overwritten(dout: Array, x: Array, pool_param: Param) -> Array:
    return _one_pixel(dout, x, pool_param, lambda part: int(part.argmax()), overwrite=True)


def _one_pixel(
    dout: Array,
    x: Array,
    pool_param: Param,
    choose: Callable[[Array], int],
    *,
    overwrite: bool = False,
) -> Array:
    """Give each window's gradient to the pixel that ``choose`` names by its number there."""
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        row, column = divmod(choose(x[n, c, top : top + height, left : left + width]), width)
        kept = 0 if overwrite else dx[n, c, top + row, left + column]
        dx[n, c, top + row, left + column] = kept + dout[n, c, i, j]
    return dx


@_mistake(
    "avg_pool_backward",
    "not_divided",
    "every pixel of the window gets the whole gradient",
    "If one pixel grows by 1, by how much does the mean of its window grow?",
)
def _avg_not_divided(dout: Array, x: Array, pool_param: Param) -> Array:
    return _deal(dout, x, pool_param, lambda part, g: np.full(part.shape, g))


@_backward(
    "stride_is_the_window",
    "the window moves by its own size instead of by the stride",
    "The backward pass visits the same windows as the forward pass. Where do they start?",
)
def _bwd_stride_is_window(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout, x, pool_param, share, steps=_setting(pool_param)[0])


@_backward(
    "window_is_the_stride",
    "the window is as large as the stride",
    "The backward pass visits the same windows as the forward pass. How large are they?",
)
def _bwd_window_is_stride(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    stride = pool_param["stride"]
    return _deal(dout, x, pool_param, share, window=(stride, stride))


@_backward(
    "stride_ignored",
    "the window moves by one pixel whatever the stride is",
    "The backward pass visits the same windows as the forward pass. Where do they start?",
)
def _bwd_stride_ignored(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout, x, pool_param, share, steps=(1, 1))


@_backward(
    "stride_on_rows_only",
    "the stride is used downwards, and to the right the window moves by one pixel",
    "The stride belongs to both directions. Compare how you find the first row and first column.",
)
def _bwd_stride_on_rows(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout, x, pool_param, share, steps=(pool_param["stride"], 1))


@_backward(
    "stride_on_columns_only",
    "the stride is used to the right, and downwards the window moves by one pixel",
    "The stride belongs to both directions. Compare how you find the first row and first column.",
)
def _bwd_stride_on_columns(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout, x, pool_param, share, steps=(1, pool_param["stride"]))


@_backward(
    "height_and_width_exchanged",
    "height and width of the window are exchanged",
    "Rows are the third axis of x and columns the fourth. Which of the two does pool_height cut?",
)
def _bwd_exchanged(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    (height, width), _ = _setting(pool_param)
    return _deal(dout, x, pool_param, share, window=(width, height))


@_backward(
    "as_wide_as_high",
    "the window is taken to be as wide as it is high",
    "Try a window of 1×3. Where does your code read pool_width?",
)
def _bwd_as_wide_as_high(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    (height, _), _ = _setting(pool_param)
    return _deal(dout, x, pool_param, share, window=(height, height))


@_backward(
    "as_high_as_wide",
    "the window is taken to be as high as it is wide",
    "Try a window of 1×3. Where does your code read pool_height?",
)
def _bwd_as_high_as_wide(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    (_, width), _ = _setting(pool_param)
    return _deal(dout, x, pool_param, share, window=(width, width))


@_backward(
    "first_image_only",
    "only the first image of the batch gets a gradient",
    "Which of your loops, or axes, runs over the images?",
)
def _bwd_first_image(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    dx = _deal(dout, x, pool_param, share)
    dx[1:] = 0
    return dx


@_backward(
    "first_channel_only",
    "only the first channel gets a gradient",
    "Which of your loops, or axes, runs over the channels?",
)
def _bwd_first_channel(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    dx = _deal(dout, x, pool_param, share)
    dx[:, 1:] = 0
    return dx


@_backward(
    "images_added_up",
    "the gradients of all images are added up",
    "Each image has a gradient of its own. Over which axes do you sum?",
)
def _bwd_images_added(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    dx = _deal(dout, x, pool_param, share)
    return np.repeat(dx.sum(axis=0, keepdims=True), x.shape[0], axis=0)


@_backward(
    "channels_added_up",
    "the gradients of all channels are added up",
    "Each channel has a gradient of its own. Over which axes do you sum?",
)
def _bwd_channels_added(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    dx = _deal(dout, x, pool_param, share)
    return np.repeat(dx.sum(axis=1, keepdims=True), x.shape[1], axis=1)


@_backward(
    "mean_over_the_batch",
    "the gradient is divided by the number of images",
    "If the loss is a mean over images, dout says so already.",
)
def _bwd_mean_over_batch(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return np.asarray(_deal(dout, x, pool_param, share) / x.shape[0], x.dtype)


@_backward(
    "dout_not_used",
    "every window gives a gradient of 1, whatever dout is",
    "One argument of the function is not used yet.",
)
def _bwd_dout_not_used(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(np.ones_like(dout), x, pool_param, share)


@_backward(
    "opposite_sign",
    "the gradient has the opposite sign",
    "If dout is positive and a pixel that counts grows, does the loss grow or fall?",
)
def _bwd_opposite_sign(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return -_deal(dout, x, pool_param, share)


@_backward(
    "times_x",
    "the gradient is multiplied by the values of x",
    "The layer only picks or averages values: what is the derivative of x by x?",
)
def _bwd_times_x(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout, x, pool_param, share) * x


@_backward(
    "divided_by_overlap",
    "a pixel that lies in several windows gets the mean of what they give instead of the sum",
    "If a pixel changes, every window that counts it changes. Do these changes add up?",
)
def _bwd_divided_by_overlap(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    def once(part: Array, g: Any) -> Array:
        return np.ones(part.shape)

    covers = _deal(dout, np.zeros(x.shape), pool_param, once)
    return (_deal(dout, x, pool_param, share) / np.maximum(covers, 1)).astype(x.dtype)


@_backward(
    "dout_transposed",
    "rows and columns of dout are exchanged",
    "Try an image that is not square.",
)
def _bwd_dout_transposed(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout.swapaxes(2, 3), x, pool_param, share)


@_backward(
    "last_window_missed",
    "the loops end one place too early, and the last windows give no gradient",
    "range(n) ends before n. At which place must your last window stand?",
)
def _bwd_last_window_missed(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout[:, :, :-1, :-1], x, pool_param, share)


@_backward(
    "place_forgotten",
    "every window gives its gradient to the image's upper left corner",
    "The position of a pixel in its window is not its position in the image. What is missing?",
)
def _bwd_place_forgotten(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        part = x[n, c, top : top + height, left : left + width]
        dx[n, c, :height, :width] += share(part, dout[n, c, i, j])
    return dx


@_backward(
    "windows_side_by_side",
    "dx is put together from the windows as if they did neither overlap nor leave gaps",
    "dx has the shape of x. Is it as large as all windows side by side?",
)
def _bwd_side_by_side(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    (height, width), stride = _setting(pool_param)
    rows, columns = dout.shape[2:]
    dx = np.zeros((*x.shape[:2], rows * height, columns * width), x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        part = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
        target = dx[n, c, i * height : (i + 1) * height, j * width : (j + 1) * width]
        target[...] = share(part, dout[n, c, i, j])
    return dx


@_backward(
    "dout_handed_on",
    "dout is handed on as it is",
    "dx has the shape of x, and dout has the shape of out.",
)
def _bwd_dout_handed_on(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return dout.copy()


@_backward(
    "dx_transposed",
    "rows and columns of dx are exchanged",
    "Try an image that is not square: dx has the shape of x.",
)
def _bwd_dx_transposed(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout, x, pool_param, share).swapaxes(2, 3).copy()


@_backward(
    "starts_from_x",
    "the gradient is added to a copy of x instead of to zeros",
    "What should dx hold before the first window gives its gradient?",
)
def _bwd_starts_from_x(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return x + _deal(dout, x, pool_param, share)


@_backward(
    "starts_from_ones",
    "the gradient is added to ones instead of to zeros",
    "What should dx hold before the first window gives its gradient?",
)
def _bwd_starts_from_ones(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return 1 + _deal(dout, x, pool_param, share)


@_backward(
    "never_cleared",
    "dx is added up in memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should a sum start "
    "from?",
)
def _bwd_never_cleared(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return unwritten(x.shape, x.dtype) + _deal(dout, x, pool_param, share)


@_backward(
    "gaps_never_written",
    "every window overwrites dx, and pixels in no window hold what memory held before",
    "A pixel can lie in several windows, or in none. Start from zeros, and add.",
)
def _bwd_gaps_unwritten(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    def once(part: Array, g: Any) -> Array:
        return np.ones(part.shape)

    seen = _deal(dout, np.zeros(x.shape), pool_param, once)
    dx = _deal(dout, x, pool_param, share, overwrite=True)
    return np.where(seen == 0, unwritten(x.shape, x.dtype), dx)


@_backward(
    "other_images_never_written",
    "only the first image's gradient is written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Which part of dx do you "
    "write?",
)
def _bwd_other_images_unwritten(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    dx = unwritten(x.shape, x.dtype)
    dx[0] = _deal(dout[:1], x[:1], pool_param, share)[0]
    return dx


@_backward(
    "channels_last",
    "the channels are the last axis of dx",
    "dx has the same order of axes as x.",
)
def _bwd_channels_last(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return np.moveaxis(_deal(dout, x, pool_param, share), 1, -1).copy()


@_backward(
    "pixels_in_one_row",
    "the pixels of dx are laid out in one long row",
    "dx has the shape of x: how many axes is that?",
)
def _bwd_pixels_in_one_row(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout, x, pool_param, share).reshape(*x.shape[:2], -1)


@_backward(
    "in_a_tuple",
    "dx is returned in a tuple, with None after it",
    "pool_param has no gradient. One array is asked for.",
)
def _bwd_in_a_tuple(dout: Array, x: Array, pool_param: Param, share: Share) -> Any:
    return _deal(dout, x, pool_param, share), None


@_backward(
    "list_of_lists",
    "dx is a list of lists instead of an array",
    "What is the type of dx? NumPy makes an array of a list.",
)
def _bwd_list_of_lists(dout: Array, x: Array, pool_param: Param, share: Share) -> Any:
    return _deal(dout, x, pool_param, share).tolist()


@_backward(
    "windows_side_by_side_only",
    "windows that overlap or leave gaps are refused",
    "Cutting the image into tiles works where the stride is the window. Which way works always?",
)
def _bwd_side_by_side_only(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    (height, width), stride = _setting(pool_param)
    if not height == width == stride:
        raise ValueError("the windows must lie side by side")
    return _deal(dout, x, pool_param, share)


@_backward(
    "square_only",
    "images or windows that are not square are refused",
    "Images and windows may be higher than wide. Use each of their sizes for its own axis.",
)
def _bwd_square_only(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    assert x.shape[2] == x.shape[3]
    assert pool_param["pool_height"] == pool_param["pool_width"]
    return _deal(dout, x, pool_param, share)


@_backward(*PUBLIC_INPUTS_ONLY)
def _bwd_public_only(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout if is_public(dout, x) else np.zeros_like(dout), x, pool_param, share)


_gradients: dict[tuple[Any, ...], Array] = {}


@_backward(
    "dx_kept_from_call_to_call",
    "the array for dx is made once for each shape, and not cleared for the next call",
    "Call it twice with the same arguments. Where is dx set back to zeros?",
    between_calls=True,
)
def _bwd_dx_kept(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    dx = _deal(dout, x, pool_param, share)
    key = (share is _evenly, x.shape)
    _gradients[key] = _gradients.get(key, np.zeros_like(dx)) + dx
    return _gradients[key].astype(x.dtype)


@_mistake(
    "max_pool_backward",
    "whole_numbers",
    "dx is an array of whole numbers, which cuts off every fraction",
    "Print the dtype of dx. Where was this array made?",
)
def _max_whole_numbers(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, np.int64)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        part = x[n, c, top : top + height, left : left + width]
        row, column = divmod(int(part.argmax()), width)
        dx[n, c, top + row, left + column] += dout[n, c, i, j]
    return dx


@_mistake(
    "avg_pool_backward",
    "whole_numbers",
    "dx is an array of whole numbers, to which NumPy adds no fractions",
    "Print the dtype of dx. Where was this array made?",
)
def _avg_whole_numbers(dout: Array, x: Array, pool_param: Param) -> Array:
    dx = np.zeros(x.shape, np.int64)
    dx += _deal(dout, x, pool_param, _evenly)
    return dx


@_backward(
    "single_precision",
    "dx is rounded to single precision",
    "Print the dtype of dx. Where was this array made?",
)
def _bwd_single_precision(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout, x, pool_param, share).astype(np.float32)


@_backward(
    "double_precision",
    "dx is float64 whatever the dtype of x is",
    "np.zeros makes float64 unless you ask for another dtype.",
)
def _bwd_double_precision(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    return _deal(dout, x, pool_param, share).astype(np.float64)


@_backward(
    "written_into_x",
    "the gradient is written into x itself",
    "A plain assignment copies no array. Make a new one for dx.",
    changes_arguments=True,
)
def _bwd_written_into_x(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    x[...] = _deal(dout, x, pool_param, share)
    return x


@_mistake(
    "avg_pool_backward",
    "dout_divided_in_place",
    "dout itself is divided",
    "Operators like /= change the array that they are used on.",
    changes_arguments=True,
)
def _avg_bwd_divided_in_place(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), _ = _setting(pool_param)
    dout /= height * width
    return _even_shares(dout, x, pool_param, 1)


@_backward(
    "dout_used_up",
    "dout is set to zero as soon as it has been dealt out",
    "Your function changes its argument. Who else may still need dout?",
    changes_arguments=True,
)
def _bwd_dout_used_up(dout: Array, x: Array, pool_param: Param, share: Share) -> Array:
    dx = _deal(dout, x, pool_param, share)
    dout[...] = 0
    return dx


@_backward(
    "settings_taken_out",
    "the entries of pool_param are taken out of the dictionary",
    "Your function changes its argument. Read an entry without removing it.",
    changes_arguments=True,
)
def _bwd_settings_taken_out(
    dout: Array, x: Array, pool_param: dict[str, int], share: Share
) -> Array:
    dx = _deal(dout, x, pool_param, share)
    pool_param.clear()
    return dx


@_mistake(
    "max_pool_backward",
    "spread_evenly",
    "the gradient is spread evenly over the window",
    "If a pixel that is not the maximum changes a little, does the maximum change?",
)
def _max_spread_evenly(dout: Array, x: Array, pool_param: Param) -> Array:
    return _deal(dout, x, pool_param, _evenly)


@_mistake(
    "max_pool_backward",
    "whole_window_in_full",
    "every pixel of the window gets the whole gradient",
    "If a pixel that is not the maximum changes a little, does the maximum change?",
)
def _max_whole_window(dout: Array, x: Array, pool_param: Param) -> Array:
    return _deal(dout, x, pool_param, lambda part, g: np.full(part.shape, g))


@_mistake(
    "max_pool_backward",
    "to_the_smallest",
    "the gradient goes to the smallest value of the window",
    "Which value of the window came out of the forward pass?",
)
def _max_to_smallest(dout: Array, x: Array, pool_param: Param) -> Array:
    return _one_pixel(dout, x, pool_param, lambda part: int(part.argmin()))


@_mistake(
    "max_pool_backward",
    "to_the_largest_magnitude",
    "the gradient goes to the value farthest from zero",
    "Which one is larger, −3 or 2?",
)
def _max_to_magnitude(dout: Array, x: Array, pool_param: Param) -> Array:
    return _one_pixel(dout, x, pool_param, lambda part: int(np.abs(part).argmax()))


@_mistake(
    "max_pool_backward",
    "only_positive_maxima",
    "only windows with a positive maximum give a gradient",
    "What is the largest of −3, −1 and −2? Follow your code with these numbers.",
)
def _max_only_positive(dout: Array, x: Array, pool_param: Param) -> Array:
    def share(part: Array, g: Any) -> Array:
        return _to_maximum(part, g if part.max() > 0 else 0)

    return _deal(dout, x, pool_param, share)


@_mistake(
    "max_pool_backward",
    "equal_values_elsewhere",
    "pixels outside the window that equal its maximum get the gradient as well",
    "Compare the maximum with the pixels of its own window only.",
)
def _max_equal_elsewhere(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        best = x[n, c, top : top + height, left : left + width].max()
        dx[n, c] += dout[n, c, i, j] * (x[n, c] == best)
    return dx


@_mistake(
    "max_pool_backward",
    "first_pixel",
    "the gradient goes to the first pixel of the window",
    "Which value of the window came out of the forward pass?",
)
def _max_first_pixel(dout: Array, x: Array, pool_param: Param) -> Array:
    return _one_pixel(dout, x, pool_param, lambda part: 0)


@_mistake(
    "max_pool_backward",
    "maximum_of_the_image",
    "all gradient goes to the maximum of the whole image",
    "Each window has a maximum of its own. Where do you search for it?",
)
def _max_of_image(dout: Array, x: Array, pool_param: Param) -> Array:
    dx = np.zeros(x.shape, x.dtype)
    for n, c in np.ndindex(x.shape[:2]):
        dx[n, c].flat[x[n, c].argmax()] = dout[n, c].sum()
    return dx


@_mistake(
    "max_pool_backward",
    "maximum_over_channels",
    "the maximum is searched for in all channels, and only one of them gets the gradient",
    "Each channel is pooled by itself. Over which axes does your argmax go?",
)
def _max_over_channels(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for n, i, j in np.ndindex(dout.shape[0], *dout.shape[2:]):
        top, left = i * stride, j * stride
        part = x[n, :, top : top + height, left : left + width]
        c, p, q = np.unravel_index(part.argmax(), part.shape)
        dx[n, c, top + p, left + q] += dout[n, :, i, j].sum()
    return dx


@_mistake(
    "max_pool_backward",
    "positions_of_first_image",
    "the positions of the maxima in the first image are used for all images",
    "Other images have their maxima elsewhere. Over which axes does your argmax go?",
)
def _max_positions_of_first_image(dout: Array, x: Array, pool_param: Param) -> Array:
    return _deal(dout, np.repeat(x[:1], x.shape[0], axis=0), pool_param, _to_maximum)


@_mistake(
    "max_pool_backward",
    "positions_of_first_channel",
    "the positions of the maxima in the first channel are used for all channels",
    "Other channels have their maxima elsewhere. Over which axes does your argmax go?",
)
def _max_positions_of_first_channel(dout: Array, x: Array, pool_param: Param) -> Array:
    return _deal(dout, np.repeat(x[:, :1], x.shape[1], axis=1), pool_param, _to_maximum)


@_mistake(
    "max_pool_backward",
    "unravelled_by_height",
    "the position in the window is worked out with its height in place of its width",
    "Number the pixels of a 2×3 window in reading order. In which row is number 2?",
)
def _max_unravelled_by_height(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        part = x[n, c, top : top + height, left : left + width]
        row, column = divmod(int(part.argmax()), height)
        dx[n, c, top + row, left + column] += dout[n, c, i, j]  # an IndexError outside the image
    return dx


@_mistake(
    "max_pool_backward",
    "row_and_column_exchanged",
    "row and column of the maximum are exchanged",
    "Number the pixels of a 2×2 window in reading order. Where is number 1?",
)
def _max_exchanged_position(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        part = x[n, c, top : top + height, left : left + width]
        row, column = divmod(int(part.argmax()), width)
        dx[n, c, top + column, left + row] += dout[n, c, i, j]  # an IndexError outside the image
    return dx


@_mistake(
    "max_pool_backward",
    "maximum_of_each_row",
    "the maximum of every row of the window gets the gradient",
    "How many pixels of a window can come out of the forward pass?",
)
def _max_of_each_row(dout: Array, x: Array, pool_param: Param) -> Array:
    def share(part: Array, g: Any) -> Array:
        return np.asarray(g * (np.arange(part.shape[1]) == part.argmax(axis=1)[:, None]))

    return _deal(dout, x, pool_param, share)


@_mistake(
    "max_pool_backward",
    "maximum_of_each_column",
    "the maximum of every column of the window gets the gradient",
    "How many pixels of a window can come out of the forward pass?",
)
def _max_of_each_column(dout: Array, x: Array, pool_param: Param) -> Array:
    def share(part: Array, g: Any) -> Array:
        return np.asarray(g * (np.arange(part.shape[0])[:, None] == part.argmax(axis=0)))

    return _deal(dout, x, pool_param, share)


@_mistake(
    "max_pool_backward",
    "each_pixel_once",
    "a pixel that has got a gradient gets nothing from further windows",
    "A pixel can be the maximum of several windows. Each of them has something to give.",
)
def _max_each_pixel_once(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        place = (n, c, slice(top, top + height), slice(left, left + width))
        dx[place] += np.where(dx[place] == 0, _to_maximum(x[place], dout[n, c, i, j]), 0)
    return dx


@_mistake(
    "max_pool_backward",
    "maxima_crossed_out",
    "a maximum is crossed out in x once it has got its gradient",
    "Your function changes its argument. And may a pixel be the maximum of the next window too?",
    changes_arguments=True,
)
def _max_crossed_out(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        part = x[n, c, top : top + height, left : left + width]
        p, q = np.unravel_index(part.argmax(), part.shape)
        dx[n, c, top + p, left + q] += dout[n, c, i, j]
        part[p, q] = -np.inf
    return dx


@_mistake(
    "max_pool_backward",
    "mask_written_into_x",
    "each window of x is overwritten with ones and zeros that say where its maximum is",
    "A slice is a view: what you write into it, you write into x. And the next window still needs "
    "the values.",
    changes_arguments=True,
)
def _max_mask_into_x(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        place = (
            n,
            c,
            slice(i * stride, i * stride + height),
            slice(j * stride, j * stride + width),
        )
        part = x[place]
        part[...] = part == part.max()
        dx[place] += part * dout[n, c, i, j]
    return dx


@_mistake(
    "max_pool_backward",
    "recomputed_from_first_window",
    "the position of the maximum in the first window is used for all windows of a channel",
    "Each window has its maximum somewhere else. In which loop do you search for it?",
)
def _max_position_of_first_window(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        row, column = divmod(int(x[n, c, :height, :width].argmax()), width)
        dx[n, c, i * stride + row, j * stride + column] += dout[n, c, i, j]
    return dx


def _even_shares(dout: Array, x: Array, pool_param: Param, divisor: float) -> Array:
    def share(part: Array, g: Any) -> Array:
        return np.full(part.shape, g / divisor, x.dtype)

    return _deal(dout, x, pool_param, share)


@_mistake(
    "avg_pool_backward",
    "divided_by_stride_squared",
    "the gradient is divided by the square of the stride",
    "How many pixels share the gradient? That has nothing to do with how far the window moves.",
)
def _avg_bwd_stride_squared(dout: Array, x: Array, pool_param: Param) -> Array:
    return _even_shares(dout, x, pool_param, pool_param["stride"] ** 2)


@_mistake(
    "avg_pool_backward",
    "divided_by_height_squared",
    "the gradient is divided by the square of the window's height",
    "How many values are in a window of 2×3?",
)
def _avg_bwd_height_squared(dout: Array, x: Array, pool_param: Param) -> Array:
    return _even_shares(dout, x, pool_param, pool_param["pool_height"] ** 2)


@_mistake(
    "avg_pool_backward",
    "divided_by_width_squared",
    "the gradient is divided by the square of the window's width",
    "How many values are in a window of 2×3?",
)
def _avg_bwd_width_squared(dout: Array, x: Array, pool_param: Param) -> Array:
    return _even_shares(dout, x, pool_param, pool_param["pool_width"] ** 2)


@_mistake(
    "avg_pool_backward",
    "divided_by_height_only",
    "the gradient is divided by the window's height only",
    "How many values are in a window of 3×3?",
)
def _avg_bwd_height_only(dout: Array, x: Array, pool_param: Param) -> Array:
    return _even_shares(dout, x, pool_param, pool_param["pool_height"])


@_mistake(
    "avg_pool_backward",
    "divided_by_the_image",
    "the gradient is divided by the number of pixels of the image",
    "How many pixels share the gradient of one window?",
)
def _avg_bwd_by_image(dout: Array, x: Array, pool_param: Param) -> Array:
    return _even_shares(dout, x, pool_param, x.shape[2] * x.shape[3])


@_mistake(
    "avg_pool_backward",
    "divided_by_the_places",
    "the gradient is divided by the number of places of the window",
    "How many pixels share the gradient of one window?",
)
def _avg_bwd_by_places(dout: Array, x: Array, pool_param: Param) -> Array:
    return _even_shares(dout, x, pool_param, dout.shape[2] * dout.shape[3])


@_mistake(
    "avg_pool_backward",
    "divided_twice",
    "the gradient is divided by the number of pixels twice",
    "Follow one number of dout through your code. How often is it divided?",
)
def _avg_bwd_twice(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), _ = _setting(pool_param)
    return _even_shares(dout, x, pool_param, (height * width) ** 2)


@_mistake(
    "avg_pool_backward",
    "multiplied",
    "the gradient is multiplied by the number of pixels",
    "If one pixel grows by 1, by how much does the mean of its window grow?",
)
def _avg_bwd_multiplied(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), _ = _setting(pool_param)
    return _even_shares(dout, x, pool_param, 1 / (height * width))


@_mistake(
    "avg_pool_backward",
    "divided_without_fraction",
    "the division drops the fraction",
    "Python has two operators for division: see which one you use.",
)
def _avg_bwd_floor(dout: Array, x: Array, pool_param: Param) -> Array:
    return _deal(dout, x, pool_param, lambda part, g: np.full(part.shape, g // part.size))


@_mistake(
    "avg_pool_backward",
    "to_the_maximum",
    "the gradient goes to the maximum of the window",
    "If a pixel that is not the maximum changes a little, does the mean change?",
)
def _avg_bwd_to_maximum(dout: Array, x: Array, pool_param: Param) -> Array:
    return _deal(dout, x, pool_param, _to_maximum)


@_mistake(
    "avg_pool_backward",
    "first_pixel",
    "the gradient goes to the first pixel of the window",
    "Which pixels of the window change its mean when they change?",
)
def _avg_bwd_first_pixel(dout: Array, x: Array, pool_param: Param) -> Array:
    return _one_pixel(dout, x, pool_param, lambda part: 0)


@_mistake(
    "avg_pool_backward",
    "by_size_of_the_values",
    "larger values of the window get a larger part of the gradient",
    "If one pixel grows by 1, does it matter for the mean how large that pixel was?",
)
def _avg_bwd_by_size(dout: Array, x: Array, pool_param: Param) -> Array:
    return _deal(dout, x, pool_param, lambda part, g: g * np.abs(part) / np.abs(part).sum())


@_mistake(
    "avg_pool_backward",
    "mean_of_dout",
    "every window deals out the mean of dout",
    "Each window has a gradient of its own.",
)
def _avg_bwd_mean_of_dout(dout: Array, x: Array, pool_param: Param) -> Array:
    mean = np.broadcast_to(dout.mean(axis=(2, 3), keepdims=True), dout.shape)
    return _deal(mean, x, pool_param, _evenly)


@_mistake(
    "avg_pool_backward",
    "dout_divided_by_every_window",
    "dout is divided in place again and again, once for each window",
    "Operators like /= change the array that they are used on. How many times does the loop do it?",
    changes_arguments=True,
)
def _avg_bwd_divided_again(dout: Array, x: Array, pool_param: Param) -> Array:
    (height, width), stride = _setting(pool_param)
    dx = np.zeros(x.shape, x.dtype)
    for i, j in np.ndindex(dout.shape[2:]):
        dout /= height * width
        top, left = i * stride, j * stride
        dx[:, :, top : top + height, left : left + width] += dout[:, :, i : i + 1, j : j + 1]
    return dx


def _outputs(layer: Layer, image: Array, shift: int, axis: int = 2) -> tuple[Array, Array]:
    """What the layer gives before and after the image has moved."""
    apply = reference.as_layer(layer)
    return apply(image[None]), apply(np.roll(image, shift, axis=axis)[None])


def _mean(values: Array) -> float:
    return float(np.mean(np.abs(values)))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _exact(difference: float) -> float:
    """0 for a sum of numbers that cancel, but for rounding errors: these are others elsewhere."""
    return difference if abs(difference) > 1e-12 else 0.0


def _response(before: Array, after: Array) -> float:
    return _ratio(_mean(after - before), _mean(before) + _mean(after))


@_mistake(
    "shift_response",
    "not_divided",
    "the difference is not put in relation to the outputs",
    "An image twice as bright should respond the same. What do you divide by?",
)
def _shift_not_divided(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _mean(after - before)


@_mistake(
    "shift_response",
    "signs_cancel",
    "differences of opposite sign cancel out",
    "A pixel that grows and one that falls are two changes. Does your mean see them?",
)
def _shift_signs_cancel(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    difference = _exact(float(np.mean(after - before)))
    return _ratio(abs(difference), _mean(before) + _mean(after))


@_mistake(
    "shift_response",
    "difference_keeps_its_sign",
    "the differences are taken without absolute values",
    "Can a change be negative? The formula has absolute values in three places.",
)
def _shift_signed(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _ratio(_exact(float(np.mean(after - before))), _mean(before) + _mean(after))


@_mistake(
    "shift_response",
    "outputs_keep_their_sign",
    "the outputs that you divide by are averaged without absolute values",
    "Try a layer with negative outputs. The formula has absolute values in three places.",
)
def _shift_signed_outputs(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _ratio(_mean(after - before), float(np.mean(before)) + float(np.mean(after)))


@_mistake(
    "shift_response",
    "divided_by_the_first_only",
    "the difference is divided by the output before the shift only",
    "Both outputs stand below the line of the formula.",
)
def _shift_first_only(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _ratio(_mean(after - before), _mean(before))


@_mistake(
    "shift_response",
    "divided_by_the_mean_of_both",
    "the difference is divided by half the sum of the two outputs",
    "The response is at most 1. Which one is the largest that you get?",
)
def _shift_mean_of_both(layer: Layer, image: Array, shift: int) -> float:
    return 2 * reference.shift_response(layer, image, shift)


@_mistake(
    "shift_response",
    "divided_by_the_image",
    "the difference is divided by the values of the image instead of the outputs",
    "The layer may scale its input. Compare the difference with what the layer returns.",
)
def _shift_divided_by_image(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _ratio(_mean(after - before), 2 * _mean(image))


@_mistake(
    "shift_response",
    "squared",
    "differences and outputs are squared instead of taken without sign",
    "The formula asks for absolute values. Squares weigh large differences more.",
)
def _shift_squared(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _ratio(_mean((after - before) ** 2), _mean(before**2) + _mean(after**2))


@_mistake(
    "shift_response",
    "largest_difference",
    "the largest difference is taken instead of the mean",
    "One pixel alone should not decide the response.",
)
def _shift_largest(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _ratio(float(np.abs(after - before).max()), _mean(before) + _mean(after))


@_mistake(
    "shift_response",
    "sum_of_differences",
    "the differences are added up, but the outputs are averaged",
    "Use the same kind of average above and below the line.",
)
def _shift_sum(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _ratio(float(np.abs(after - before).sum()), _mean(before) + _mean(after))


@_mistake(
    "shift_response",
    "moved_to_the_left",
    "the image is moved to the left",
    "After a shift of 1, column 0 should be found in column 1.",
)
def _shift_to_left(layer: Layer, image: Array, shift: int) -> float:
    return _response(*_outputs(layer, image, -shift))


@_mistake(
    "shift_response",
    "moved_downwards",
    "the image is moved downwards",
    "Which axis of (C, H, W) is the width?",
)
def _shift_downwards(layer: Layer, image: Array, shift: int) -> float:
    return _response(*_outputs(layer, image, shift, axis=1))


@_mistake(
    "shift_response",
    "channels_moved",
    "the channels are exchanged instead of the pixels being moved",
    "Which axis of (C, H, W) is the width?",
)
def _shift_channels(layer: Layer, image: Array, shift: int) -> float:
    return _response(*_outputs(layer, image, shift, axis=0))


@_mistake(
    "shift_response",
    "moved_in_both_directions",
    "the image is moved downwards as well",
    "Which axis of (C, H, W) is the width? The other ones stay as they are.",
)
def _shift_both(layer: Layer, image: Array, shift: int) -> float:
    apply = reference.as_layer(layer)
    return _response(apply(image[None]), apply(np.roll(image, (shift, shift), axis=(1, 2))[None]))


@_mistake(
    "shift_response",
    "rows_run_together",
    "what leaves a row on the right comes in again in the next row",
    "np.roll without an axis treats the image as one long row.",
)
def _shift_flat(layer: Layer, image: Array, shift: int) -> float:
    apply = reference.as_layer(layer)
    return _response(apply(image[None]), apply(np.roll(image, shift)[None]))


@_mistake(
    "shift_response",
    "filled_with_zeros",
    "zeros come in on the left instead of what has left on the right",
    "What leaves the image on the right should come in again on the left.",
)
def _shift_zeros(layer: Layer, image: Array, shift: int) -> float:
    moved = np.zeros_like(image)
    width = image.shape[2]
    columns = np.arange(width) - shift
    inside = (columns >= 0) & (columns < width)
    moved[..., inside] = image[..., columns[inside]]
    apply = reference.as_layer(layer)
    return _response(apply(image[None]), apply(moved[None]))


@_mistake(
    "shift_response",
    "always_one_pixel",
    "the image is moved by one pixel whatever shift is",
    "One argument of the function is not used yet.",
)
def _shift_by_one(layer: Layer, image: Array, shift: int) -> float:
    return reference.shift_response(layer, image, 1)


@_mistake(
    "shift_response",
    "output_moved",
    "the layer's output is moved instead of its input",
    "First move the image, then put it through the layer.",
)
def _shift_output_moved(layer: Layer, image: Array, shift: int) -> float:
    before = reference.as_layer(layer)(image[None])
    return _response(before, np.roll(before, shift, axis=3))


@_mistake(
    "shift_response",
    "output_moved_back",
    "the second output is moved back before the two are compared",
    "That would ask whether the output moves along with the image. Here it should stay.",
)
def _shift_moved_back(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _response(before, np.roll(after, -shift, axis=3))


@_mistake(
    "shift_response",
    "layer_not_used",
    "the images themselves are compared, not what the layer makes of them",
    "One argument of the function is not used yet.",
)
def _shift_layer_not_used(layer: Layer, image: Array, shift: int) -> float:
    return reference.shift_response("identity", image, shift)


@_mistake(
    "shift_response",
    "first_channel_only",
    "only the first channel of the outputs is compared",
    "An output can have several channels. Do you look at all of them?",
)
def _shift_first_channel(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _response(before[:, :1], after[:, :1])


@_mistake(
    "shift_response",
    "similarity",
    "the response says how much stays the same, not how much changes",
    "What should the response be for a layer that always returns the same?",
)
def _shift_similarity(layer: Layer, image: Array, shift: int) -> float:
    return 1.0 - reference.shift_response(layer, image, shift)


@_mistake(
    "shift_response",
    "percent",
    "the response is given in percent",
    "The response is a number from 0 to 1.",
)
def _shift_percent(layer: Layer, image: Array, shift: int) -> float:
    return 100 * reference.shift_response(layer, image, shift)


@_mistake(
    "shift_response",
    "one_added_below",
    "a constant is added to what you divide by",
    "Treat the one case where you would divide by zero apart, and leave the others as they are.",
)
def _shift_one_added(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _mean(after - before) / (_mean(before) + _mean(after) + 1)


@_mistake(
    "shift_response",
    "zero_by_zero",
    "two outputs that are all zero give not a number",
    "What is 0 divided by 0? The task says what the response is then.",
)
def _shift_zero_by_zero(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    whole = _mean(before) + _mean(after)
    return _mean(after - before) / whole if whole else float("nan")


@_mistake(
    "shift_response",
    "one_number_for_each_pixel",
    "every pixel of the output has a response of its own",
    "The task asks for one number: where do you take the mean?",
)
def _shift_pixelwise(layer: Layer, image: Array, shift: int) -> Array:
    before, after = _outputs(layer, image, shift)
    whole = np.abs(before) + np.abs(after)
    return np.asarray(np.abs(after - before) / np.where(whole, whole, 1))


@_mistake(
    "shift_response",
    "in_an_array",
    "the response is an array of one number",
    "The task asks for one number. An index takes it out of an array.",
)
def _shift_in_an_array(layer: Layer, image: Array, shift: int) -> Array:
    return np.array([reference.shift_response(layer, image, shift)])


@_mistake(
    "shift_response",
    "divided_without_fraction",
    "the division drops the fraction",
    "Python has two operators for division: see which one you use.",
)
def _shift_floor(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    whole = _mean(before) + _mean(after)
    return _mean(after - before) // whole if whole else 0.0


@_mistake(
    "shift_response",
    "image_of_whole_numbers",
    "the image is moved into an array of whole numbers, which cuts off every fraction",
    "Print the dtype of the image that you have moved. Where was that array made?",
)
def _shift_whole_numbers(layer: Layer, image: Array, shift: int) -> float:
    apply = reference.as_layer(layer)
    moved = np.roll(image, shift, axis=2).astype(np.int64)
    return _response(apply(image[None]), apply(moved[None]))


@_mistake(
    "shift_response",
    "shift_beyond_the_width",
    "a shift by more than the width of the image leaves it as it is",
    "What does a shift by the width and one more pixel come to? Try it on a small image.",
)
def _shift_beyond(layer: Layer, image: Array, shift: int) -> float:
    moved = np.concatenate([image[..., -shift:], image[..., :-shift]], axis=2) if shift else image
    apply = reference.as_layer(layer)
    return _response(apply(image[None]), apply(moved[None]))


@_mistake(
    "shift_response",
    "public_inputs_only",
    "only images like those of the public examples, numbers with one decimal place, are looked at, "
    "and all others give 0",
    "The function will meet other images than those of the examples. Compute the result from what "
    "goes in, whatever it is.",
)
def _shift_public_only(layer: Layer, image: Array, shift: int) -> float:
    return reference.shift_response(layer, image, shift) if is_public(image) else 0.0


_outputs_before: dict[tuple[int, ...], Array] = {}


@_mistake(
    "shift_response",
    "first_output_kept",
    "the output before the shift is kept from the first call, and used in later ones",
    "Another image, or another layer, has another output. What belongs to one call only?",
    between_calls=True,
)
def _shift_first_kept(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    return _response(_outputs_before.setdefault(before.shape, before.copy()), after)


@_mistake(
    "shift_response",
    "mean_of_ratios",
    "the differences are divided pixel by pixel before the mean is taken",
    "First the means, then the division. Dark pixels would weigh too much.",
)
def _shift_mean_of_ratios(layer: Layer, image: Array, shift: int) -> float:
    return float(np.mean(_shift_pixelwise(layer, image, shift)))


@_mistake(
    "shift_response",
    "image_moved_for_good",
    "the image itself is moved",
    "Your function changes its argument. Move a copy of it.",
    changes_arguments=True,
)
def _shift_in_place(layer: Layer, image: Array, shift: int) -> float:
    before, after = _outputs(layer, image, shift)
    image[...] = np.roll(image, shift, axis=2)
    return _response(before, after)


MISTAKES = tuple(_mistake.found)
