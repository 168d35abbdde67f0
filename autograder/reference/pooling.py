"""Trusted operators of the assignment ``pooling``.

Every operator returns what the task of its name returns, but a forward pass returns ``out`` alone,
without a cache. No operator changes its arguments. A result has the dtype of what went in, so
``float32`` in gives ``float32`` out. A pooling layer works on each image and each channel by itself
and has no padding.

Formulas: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning"
(arXiv:1603.07285), section 3, for sizes; the gradients follow from the definition by the chain
rule. Where several values of a window are its maximum, max pooling has no derivative, only
subgradients; three of them are customary, and each is an operator here. Which pixel gets the
gradient of a window with a NaN in it is left open: it has no maximum.

No loop runs over images, channels or windows, only over the pixels *of* a window: one step handles
the same pixel of all windows, a view of ``x`` with the stride as its step. The batch is taken in
blocks that fit into a core's cache (``blocks.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import product
from typing import Any

import numpy as np

from .blocks import images

__all__ = [
    "LAYERS",
    "OPERATORS",
    "as_layer",
    "avg_pool_backward",
    "avg_pool_forward",
    "max_pool_backward",
    "max_pool_backward_last",
    "max_pool_backward_shared",
    "max_pool_forward",
    "output_size",
    "shift_response",
]

Array = np.ndarray[Any, np.dtype[Any]]
Layer = Callable[[Array], Array]
Place = tuple[slice, slice, slice, slice]
Shares = Callable[[Array, Sequence[Array]], Iterable[Array]]


def output_size(x: Array, pool_param: Mapping[str, int]) -> tuple[int, int]:
    """Rows and columns of the output: ``(size − window) / stride + 1`` along each axis.

    ``x`` is ``(N, C, H, W)``; ``pool_param`` holds ``pool_height``, ``pool_width`` and ``stride``,
    in pixels. Source: Dumoulin and Visin, relationship 7, without the floor.

    Raises ``ValueError`` where ``x`` has not four axes, where the window is larger than the image,
    where the last window would stick out, and where a window or the stride is below 1.
    """
    if x.ndim != 4:
        raise ValueError(f"x must be (N, C, H, W), got the shape {x.shape}")
    stride = int(pool_param["stride"])
    found = []
    for name, size in (("pool_height", x.shape[2]), ("pool_width", x.shape[3])):
        window = int(pool_param[name])
        if window < 1 or stride < 1:
            raise ValueError(f"{name} and stride must be at least 1, got {window} and {stride}")
        if window > size:
            raise ValueError(f"a {name} of {window} does not fit into {size} pixels")
        if (size - window) % stride:
            raise ValueError(
                f"a {name} of {window} moving by {stride} does not end at the border of "
                f"{size} pixels"
            )
        found.append((size - window) // stride + 1)
    return found[0], found[1]


def max_pool_forward(x: Array, pool_param: Mapping[str, int]) -> Array:
    """Max pooling: ``x`` ``(N, C, H, W)`` → ``out`` ``(N, C, H', W')``.

    ``out[n, c, i, j] = max x[n, c, i·stride + p, j·stride + q]`` over ``0 ≤ p < pool_height`` and
    ``0 ≤ q < pool_width``. Raises ``ValueError`` as :func:`output_size` does.
    """
    return _forward(x, pool_param, lambda block: _combined(np.maximum, block, pool_param))


def avg_pool_forward(x: Array, pool_param: Mapping[str, int]) -> Array:
    """Average pooling: as :func:`max_pool_forward`, with the mean in place of the maximum."""
    pixels = int(pool_param["pool_height"]) * int(pool_param["pool_width"])
    return _forward(x, pool_param, lambda block: _combined(np.add, block, pool_param) / pixels)


def max_pool_backward(dout: Array, x: Array, pool_param: Mapping[str, int]) -> Array:
    """Gradient of :func:`max_pool_forward`: ``dx``, of the shape of ``x``.

    ``dout`` is ``(N, C, H', W')``. Each of its values is added to ``dx`` where its window has its
    maximum, at the *first* one in reading order if there are several. Source: the chain rule.

    Raises ``ValueError`` as :func:`output_size` does, and where ``dout`` has not the output's
    shape.
    """
    return _backward(dout, x, pool_param, _to_the_first)


def max_pool_backward_last(dout: Array, x: Array, pool_param: Mapping[str, int]) -> Array:
    """As :func:`max_pool_backward`, but the *last* of several maxima gets the gradient."""
    return _backward(dout, x, pool_param, _to_the_last)


def max_pool_backward_shared(dout: Array, x: Array, pool_param: Mapping[str, int]) -> Array:
    """As :func:`max_pool_backward`, but several maxima get *equal shares* of the gradient."""
    return _backward(dout, x, pool_param, _to_all)


def avg_pool_backward(dout: Array, x: Array, pool_param: Mapping[str, int]) -> Array:
    """Gradient of :func:`avg_pool_forward`: ``dx``, of the shape of ``x``.

    ``dout`` is ``(N, C, H', W')``. Every pixel of a window gets ``1 / (pool_height · pool_width)``
    of the window's value; where windows overlap, these add up. Source: the chain rule.

    Raises ``ValueError`` as :func:`max_pool_backward` does.
    """
    return _backward(dout, x, pool_param, _to_everyone)


def as_layer(layer: Layer | str) -> Layer:
    """``layer`` itself, or the one of :data:`LAYERS` that it names; ``KeyError`` if none is."""
    return LAYERS[layer] if isinstance(layer, str) else layer


def shift_response(layer: Layer | str, image: Array, shift: int) -> float:
    """How much the output of ``layer`` changes when ``image`` moves to the right, from 0 to 1.

    ``image`` is ``(C, H, W)``; ``layer`` takes ``(1, C, H, W)`` and returns ``(1, F, H', W')``, or
    is a name from :data:`LAYERS`. The image moves by ``shift`` pixels along its width, and what
    leaves it on the right comes in again on the left. With the outputs ``a`` before and ``b``
    after, the result is ``mean |b − a| / (mean |a| + mean |b|)``, and 0 where both are 0. Source:
    the relative difference of J. R. Bray and J. T. Curtis, "An ordination of the upland forest
    communities of southern Wisconsin" (1957), with absolute values, so that it holds for negative
    numbers too.
    """
    apply = as_layer(layer)
    before = apply(image[None])
    after = apply(np.roll(image, shift, axis=2)[None])
    total = float(np.mean(np.abs(before))) + float(np.mean(np.abs(after)))
    return float(np.mean(np.abs(after - before))) / total if total else 0.0


def _places(x: Array, pool_param: Mapping[str, int]) -> list[Place]:
    """For each pixel of a window, in reading order, where all windows have it in ``x``."""
    rows, columns = output_size(x, pool_param)
    stride = int(pool_param["stride"])
    every = slice(None)
    return [
        (every, every, slice(p, p + stride * rows, stride), slice(q, q + stride * columns, stride))
        for p, q in product(
            range(int(pool_param["pool_height"])), range(int(pool_param["pool_width"]))
        )
    ]


def _forward(x: Array, pool_param: Mapping[str, int], pooled: Callable[[Array], Array]) -> Array:
    out = np.empty((*x.shape[:2], *output_size(x, pool_param)), x.dtype)
    for block in images(x):
        out[block] = pooled(x[block])
    return out


def _combined(combine: Callable[..., Array], x: Array, pool_param: Mapping[str, int]) -> Array:
    """All pixels of each window combined, first those of a column and then the columns.

    That takes ``pool_height + pool_width`` steps instead of ``pool_height · pool_width``, and the
    first ones go along whole rows.
    """
    rows, columns = output_size(x, pool_param)
    stride = int(pool_param["stride"])
    tops, lefts = range(int(pool_param["pool_height"])), range(int(pool_param["pool_width"]))
    down = reduce(combine, [x[:, :, p : p + stride * rows : stride] for p in tops])
    return reduce(combine, [down[..., q : q + stride * columns : stride] for q in lefts])


def _backward(dout: Array, x: Array, pool_param: Mapping[str, int], shares: Shares) -> Array:
    """``dx``, where ``shares`` gives what each pixel of a window gets of ``dout``, given both."""
    expected = (*x.shape[:2], *output_size(x, pool_param))
    if dout.shape != expected:
        raise ValueError(f"dout must have the shape of out, {expected}, got {dout.shape}")
    places = _places(x, pool_param)
    # Where windows tile the image, each pixel is in one of them, and nothing need be added up.
    tile = pool_param["stride"] == pool_param["pool_height"] == pool_param["pool_width"]
    dx = np.empty(x.shape, dout.dtype) if tile else np.zeros(x.shape, dout.dtype)
    for block in images(x):
        part = dx[block]
        pixels = [x[block][place] for place in places]
        for place, share in zip(places, shares(dout[block], pixels), strict=True):
            if tile:
                part[place] = share
            else:
                part[place] += share
    return dx


def _to_the_first(dout: Array, pixels: Sequence[Array]) -> Iterable[Array]:
    # Every second number of a row is slow to read, and each is needed twice.
    copies = [np.ascontiguousarray(pixel) for pixel in pixels]
    largest = reduce(np.maximum, copies)
    left = dout.copy()
    for pixel in copies[:-1]:
        share = left * (pixel == largest)
        left -= share
        yield share
    yield left


def _to_the_last(dout: Array, pixels: Sequence[Array]) -> Iterable[Array]:
    return reversed(list(_to_the_first(dout, pixels[::-1])))


def _to_all(dout: Array, pixels: Sequence[Array]) -> Iterable[Array]:
    largest = reduce(np.maximum, pixels)
    equal = [pixel == largest for pixel in pixels]
    share = dout / sum(equal).astype(dout.dtype)
    return (share * here for here in equal)


def _to_everyone(dout: Array, pixels: Sequence[Array]) -> Iterable[Array]:
    share = dout / len(pixels)
    return (share for _ in pixels)


LAYERS: Mapping[str, Layer] = {
    "identity": lambda x: x,
    "negation": lambda x: -x,
    "square": np.square,
    "constant": np.ones_like,
    "channel_sum": lambda x: np.asarray(x.sum(axis=1, keepdims=True)),
    "every_second_pixel": lambda x: x[:, :, ::2, ::2],
    "minus_previous_pixel": lambda x: np.asarray(np.diff(x, axis=3, prepend=x[..., -1:])),
    "brighter_to_the_right": lambda x: x * (np.arange(x.shape[3], dtype=x.dtype) + 1),
}
"""The layers that a check can name. The worker has its own, ``autograder/worker/layers.py``, which
this floor may not import; a test holds the two against each other."""

OPERATORS: Mapping[str, Callable[..., Any]] = {
    "max_pool_forward": max_pool_forward,
    "max_pool_backward": max_pool_backward,
    "max_pool_backward_last": max_pool_backward_last,
    "max_pool_backward_shared": max_pool_backward_shared,
    "avg_pool_forward": avg_pool_forward,
    "avg_pool_backward": avg_pool_backward,
    "shift_response": shift_response,
}
