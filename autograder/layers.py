"""The layers of earlier assignments, trusted: convolution and max pooling, forward and backward.

The assignment on whole networks builds on them. When it is graded they are called back from the
worker, so that an earlier mistake is not punished again; at home they stand in for what is missing.
So whoever gets that assignment gets this file, and the student edition of the earlier ones leaves
it out.

Arguments that come from a worker are hostile until checked: :func:`answer` checks them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

__all__ = ["TRUSTED", "Layers", "answer"]

Array = np.ndarray[Any, np.dtype[Any]]

BLOCK = 1 << 21
"""About how many numbers of the copied windows are held at a time."""

MOST_NUMBERS = 1 << 25
"""The largest array that :func:`answer` takes or makes, in numbers."""

MOST_WORK = 1 << 34
"""The most multiply-adds that :func:`answer` does for one call: a second or two."""


class Layers:
    """Four functions under the names that a network uses.

    ``conv_forward(x, w, b, conv_param)`` gives ``(out, cache)``, ``conv_backward(dout, cache)``
    gives ``(dx, dw, db)``, ``max_pool_forward(x, pool_param)`` gives ``(out, cache)`` and
    ``max_pool_backward(dout, cache)`` gives ``dx``. Shapes are ``(N, C, H, W)``; ``float32`` stays
    ``float32``. ``origin`` says of each function where it comes from.
    """

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]], origin: Mapping[str, str] | None = None
    ) -> None:
        self.conv_forward = functions["conv_forward"]
        self.conv_backward = functions["conv_backward"]
        self.max_pool_forward = functions["max_pool_forward"]
        self.max_pool_backward = functions["max_pool_backward"]
        self.origin = dict(origin or {})

    def __repr__(self) -> str:
        if not self.origin:
            return "the kit's layers"
        width = max(map(len, self.origin))
        return "\n".join(f"{name:{width}}  {text}" for name, text in self.origin.items())


def _conv_forward(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    filters, rows, columns = w.shape[0], *_places(x, w.shape[2:], stride, pad)
    matrix = w.reshape(filters, -1)
    dtype = np.result_type(x, w, b)
    out = np.empty((x.shape[0], filters, rows * columns), dtype)
    for block, windows in _blocks(x, w.shape[2:], stride, pad):
        np.matmul(matrix, windows, out=out[block])
    out += b[:, None]
    return out.reshape(x.shape[0], filters, rows, columns)


def _conv_backward(
    dout: Array, x: Array, w: Array, b: Array, stride: int, pad: int
) -> tuple[Array, Array, Array]:
    count, filters, rows, columns = dout.shape
    flat = np.ascontiguousarray(dout).reshape(count, filters, -1)
    matrix = w.reshape(filters, -1)
    dw = np.zeros(matrix.shape, np.result_type(dout, x))
    height, width = x.shape[2] + 2 * pad, x.shape[3] + 2 * pad
    dx = np.zeros((*x.shape[:2], height, width), np.result_type(dout, w))
    for block, windows in _blocks(x, w.shape[2:], stride, pad):
        for image, window in zip(flat[block], windows, strict=True):
            dw += image @ window.T
        spread = np.matmul(matrix.T, flat[block])
        spread = spread.reshape(-1, *w.shape[1:], rows, columns)
        target = dx[block]
        for p, q in np.ndindex(*w.shape[2:]):
            target[:, :, p : p + stride * rows : stride, q : q + stride * columns : stride] += (
                spread[:, :, p, q]
            )
    dx = dx[:, :, pad : height - pad, pad : width - pad].copy()
    return dx, dw.reshape(w.shape), dout.sum(axis=(0, 2, 3))


def _blocks(x: Array, kernel: tuple[int, ...], stride: int, pad: int) -> Any:
    """Slices of the batch, each with its windows as ``(images, C·HH·WW, places)``."""
    padded = np.pad(x, [(0, 0)] * 2 + [(pad, pad)] * 2)
    windows = sliding_window_view(padded, kernel, axis=(2, 3))[:, :, ::stride, ::stride]
    windows = windows.transpose(0, 1, 4, 5, 2, 3)
    _, channels, rows, columns, height, width = windows.shape
    size = channels * rows * columns * height * width
    step = max(1, BLOCK // max(size, 1))
    for start in range(0, x.shape[0], step):
        part = windows[start : start + step]
        yield (
            slice(start, start + step),
            part.reshape(len(part), channels * rows * columns, height * width),
        )


def _places(x: Array, window: Sequence[int], stride: int, pad: int) -> tuple[int, int]:
    rooms = [size + 2 * pad - w for size, w in zip(x.shape[2:], window, strict=True)]
    if any(room < 0 or room % stride for room in rooms):
        raise ValueError(
            f"a window of {tuple(window)} moving by {stride} does not fit into images of "
            f"{x.shape[2:]} with a padding of {pad}"
        )
    return rooms[0] // stride + 1, rooms[1] // stride + 1


def _parts(x: Array, window: tuple[int, int], stride: int, places: tuple[int, int]) -> list[Array]:
    """For each position in the window, in reading order, what lies there in all windows."""
    rows, columns = places
    return [
        x[:, :, p : p + stride * rows : stride, q : q + stride * columns : stride]
        for p, q in product(*map(range, window))
    ]


def _max_pool_forward(x: Array, window: tuple[int, int], stride: int) -> Array:
    first, *others = _parts(x, window, stride, _places(x, window, stride, 0))
    out = np.array(first)
    for part in others:
        np.maximum(out, part, out=out)
    return out


def _max_pool_backward(dout: Array, x: Array, window: tuple[int, int], stride: int) -> Array:
    places = _places(x, window, stride, 0)
    out = _max_pool_forward(x, window, stride)
    dx = np.zeros(x.shape, np.result_type(dout, x))
    given = np.zeros(out.shape, bool)
    targets = _parts(dx, window, stride, places)
    for part, target in zip(_parts(x, window, stride, places), targets, strict=True):
        here = (part == out) & ~given
        given |= here
        target += np.where(here, dout, 0)
    return dx


def answer(name: str, arguments: Sequence[Any]) -> Any:
    """What the layer ``name`` gives for ``arguments``, which may be anything at all.

    A forward pass takes its arguments and gives ``out`` alone; a backward pass takes ``dout`` and
    the forward pass's arguments. Raises ``ValueError`` with a text for the student for whatever
    is not a small enough, well-formed call; nothing else is raised.
    """
    checks = {
        "conv_forward": (_checked_convolution, 0),
        "conv_backward": (_checked_convolution, 1),
        "max_pool_forward": (_checked_pooling, 0),
        "max_pool_backward": (_checked_pooling, 1),
    }
    if type(name) is not str or name not in checks or type(arguments) not in (list, tuple):
        raise ValueError("there is no such layer")
    check, gradients = checks[name]
    with np.errstate(all="ignore"):
        return check(list(arguments[:gradients]), list(arguments[gradients:]))


def _checked_convolution(gradient: list[Any], inputs: list[Any]) -> Any:
    if len(inputs) != 4:
        raise ValueError("a convolution takes x, w, b, conv_param")
    x, w, b, param = inputs
    _arrays(x=(x, 4), w=(w, 4), b=(b, 1))
    stride, pad = _whole(param, "conv_param", "stride", 1), _whole(param, "conv_param", "pad", 0)
    if x.shape[1] != w.shape[1] or b.shape != w.shape[:1]:
        raise ValueError(f"x {x.shape}, w {w.shape} and b {b.shape} do not belong together")
    rows, columns = _places(x, w.shape[2:], stride, pad)
    _bounded(x.shape[0] * x.shape[1] * (x.shape[2] + 2 * pad) * (x.shape[3] + 2 * pad))
    out = (x.shape[0], w.shape[0], rows, columns)
    _bounded(x.shape[0] * w.shape[0] * rows * columns)
    _bounded(w[0].size * rows * columns)
    # Only these are multiplied by BLAS; other kinds of numbers take up to fifty times as long.
    fast = all(array.dtype in (np.float32, np.float64) for array in (x, w))
    if x.shape[0] * rows * columns * w.size > (MOST_WORK if fast else MOST_WORK >> 6):
        raise ValueError("this convolution is too large")
    if not gradient:
        return _conv_forward(x, w, b, stride, pad)
    _arrays(dout=(gradient[0], 4))
    _same_shape(gradient[0], out)
    return _conv_backward(gradient[0], x, w, b, stride, pad)


def _checked_pooling(gradient: list[Any], inputs: list[Any]) -> Any:
    if len(inputs) != 2:
        raise ValueError("max pooling takes x, pool_param")
    x, param = inputs
    _arrays(x=(x, 4))
    window = (
        _whole(param, "pool_param", "pool_height", 1),
        _whole(param, "pool_param", "pool_width", 1),
    )
    stride = _whole(param, "pool_param", "stride", 1)
    places = _places(x, window, stride, 0)
    if x.shape[0] * x.shape[1] * places[0] * places[1] * window[0] * window[1] > MOST_WORK >> 4:
        raise ValueError("this pooling layer is too large")
    if not gradient:
        return _max_pool_forward(x, window, stride)
    _arrays(dout=(gradient[0], 4))
    _same_shape(gradient[0], (*x.shape[:2], *places))
    return _max_pool_backward(gradient[0], x, window, stride)


def _arrays(**arrays: tuple[Any, int]) -> None:
    for name, (value, axes) in arrays.items():
        if type(value) is not np.ndarray or value.dtype.kind not in "fiu":
            raise ValueError(f"{name} must be an array of real numbers")
        if value.ndim != axes or 0 in value.shape:
            raise ValueError(f"{name} must have {axes} axes, none empty; it has {value.shape}")
        _bounded(value.size)


def _bounded(numbers: int) -> None:
    if numbers > MOST_NUMBERS:
        raise ValueError("this layer is too large")


def _same_shape(dout: Array, out: tuple[int, ...]) -> None:
    if dout.shape != out:
        raise ValueError(f"dout must have the shape of out, {out}, but has {dout.shape}")


def _whole(param: Any, name: str, key: str, least: int) -> int:
    value = param.get(key) if type(param) is dict else None
    if isinstance(value, np.integer):
        value = int(value)
    if type(value) is not int or not least <= value <= 1 << 12:
        raise ValueError(f"{name}[{key!r}] must be a whole number of at least {least}")
    return value


def _function(name: str) -> Callable[..., Any]:
    def backward(dout: Any, cache: Any) -> Any:
        return answer(name, [dout, *cache])

    # A forward pass keeps its arguments, whose names are those that a call in the sandbox knows.
    def convolution(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
        return answer(name, (x, w, b, conv_param)), (x, w, b, conv_param)

    def pooling(x: Any, pool_param: Any) -> Any:
        return answer(name, (x, pool_param)), (x, pool_param)

    forward: dict[str, Callable[..., Any]] = {
        "conv_forward": convolution,
        "max_pool_forward": pooling,
    }
    return forward.get(name, backward)


TRUSTED = Layers(
    {
        name: _function(name)
        for name in ("conv_forward", "conv_backward", "max_pool_forward", "max_pool_backward")
    }
)
"""The trusted layers of this process."""
