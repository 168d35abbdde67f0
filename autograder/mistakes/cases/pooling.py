"""Public inputs of the assignment ``pooling``: small numbers with one decimal place.

Groups of the layers: ``basic``, ``overlap``, ``gaps`` (the stride is smaller, or larger, than the
window), ``rectangles`` (nothing is square), ``negative``, ``float32``, ``ties`` (several equal
maxima), ``errors`` (sizes that do not fit). No two pixels of an image are equal but in ``ties``.

Groups of ``shift_response``, whose ``layer`` is the name of a layer here: ``basic``, ``layers``,
``shifts``, ``zero``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...reference import pooling as reference
from . import Entry, rounded

__all__ = ["entries"]

Array = np.ndarray[Any, Any]

# group, N, C, image, window, stride
_SHAPES: list[tuple[str, int, int, tuple[int, int], tuple[int, int], int]] = [
    ("basic", 1, 1, (4, 4), (2, 2), 2),
    ("basic", 2, 3, (4, 4), (2, 2), 2),
    ("overlap", 1, 1, (4, 4), (2, 2), 1),
    ("overlap", 1, 2, (5, 5), (3, 3), 2),
    ("overlap", 2, 2, (5, 5), (3, 3), 1),
    ("gaps", 1, 2, (5, 5), (2, 2), 3),
    ("gaps", 2, 1, (5, 5), (1, 1), 2),
    ("rectangles", 2, 2, (4, 7), (2, 3), 1),
    ("rectangles", 1, 2, (6, 4), (2, 2), 2),
    ("rectangles", 1, 2, (7, 4), (3, 2), 2),
    ("rectangles", 1, 2, (6, 9), (2, 3), 2),
    ("rectangles", 1, 1, (3, 5), (3, 5), 1),
]
_MISFITS = [
    ((4, 4), (5, 2), 1),
    ((4, 4), (2, 5), 1),
    ((3, 3), (5, 5), 2),
    ((5, 5), (2, 2), 2),
    ((4, 5), (2, 2), 2),
    ((5, 4), (2, 2), 2),
    ((8, 8), (2, 2), 4),
]


def entries() -> Iterator[Entry]:
    """Operator, label and arguments of every public case."""
    yield from _layers()
    yield from _ties()
    yield from _responses()


def distinct(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers with one decimal place in random order, no two of them of one size, none zero.

    A quarter of them is negative. So hardly a window holds nothing else, and who starts the search
    for a maximum at zero loses what the group ``negative`` is worth, and not much more.
    """
    size = int(np.prod(shape))
    values = rng.permutation(np.arange(1, size + 1)) / 10
    return np.asarray((values * rng.choice([-1.0, 1.0, 1.0, 1.0], size=size)).reshape(shape))


def _pair(
    rng: np.random.Generator, kind: str, label: str, x: Array, window: tuple[int, int], stride: int
) -> Iterator[Entry]:
    """A case of the forward pass and one of the backward pass, of max or average pooling."""
    inputs: dict[str, Any] = {"x": x, "pool_param": _param(window, stride)}
    yield f"{kind}_pool_forward", label, inputs
    dout = rounded(rng, reference.max_pool_forward(**inputs).shape).astype(x.dtype)
    yield f"{kind}_pool_backward", label, {"dout": dout, **inputs}


def _param(window: tuple[int, int], stride: int) -> dict[str, int]:
    return {"pool_height": window[0], "pool_width": window[1], "stride": stride}


def _layers() -> Iterator[Entry]:
    rng = np.random.default_rng(30)
    for kind in ("max", "avg"):
        for group, n, c, image, window, stride in _SHAPES:
            label = f"{group}: {n}x{c}x{image[0]}x{image[1]}, {window[0]}x{window[1]}, {stride}"
            yield from _pair(rng, kind, label, distinct(rng, (n, c, *image)), window, stride)
        single = distinct(rng, (2, 2, 4, 5)).astype(np.float32)
        yield from _pair(rng, kind, "float32: 2x2x4x5, 2x3, 2", single, (2, 3), 2)
        for image, window, stride in _MISFITS:
            label = f"errors: {image[0]}x{image[1]}, {window[0]}x{window[1]}, {stride}"
            inputs = {"x": distinct(rng, (1, 1, *image)), "pool_param": _param(window, stride)}
            yield f"{kind}_pool_forward", label, inputs
    for image, window, stride in (((4, 4), (2, 2), 2), ((5, 5), (3, 3), 1)):
        x = -np.abs(distinct(rng, (1, 2, *image)))
        yield from _pair(rng, "max", f"negative: {image[0]}x{image[1]}", x, window, stride)


def _ties() -> Iterator[Entry]:
    """Equal maxima, once for each convention of where the gradient goes.

    Where a window has several maxima, the first of them lies above and to the left of all others,
    and the last below and to the right, so that reading by rows or by columns is the same.
    """
    rng = np.random.default_rng(31)
    flat = np.stack([np.full((4, 4), 0.5), np.zeros((4, 4)), np.full((4, 4), -1.5)])[None]
    corners = np.tile([[2.5, -1.0], [0.5, 2.5]], (2, 2))[None, None]
    two_of_six = distinct(rng, (1, 2, 5, 6))
    two_of_six[:, :, 0::3, 0::3] = two_of_six[:, :, 1::3, 2::3] = 7.5
    diagonal = distinct(rng, (1, 1, 3, 3))
    diagonal[0, 0, [0, 1, 2], [0, 1, 2]] = 1.5
    for label, x, window, stride in (
        ("all equal", flat, (2, 2), 2),
        ("opposite corners", corners, (2, 2), 2),
        ("two of six", two_of_six, (2, 3), 3),
        ("three of nine", diagonal, (3, 3), 1),
        ("overlapping", flat, (3, 3), 1),
    ):
        param = _param(window, stride)
        dout = rounded(rng, reference.max_pool_forward(x, param).shape)
        for operator in (
            "max_pool_backward",
            "max_pool_backward_last",
            "max_pool_backward_shared",
        ):
            yield operator, f"ties: {label}", {"dout": dout, "x": x, "pool_param": param}


def _responses() -> Iterator[Entry]:
    rng = np.random.default_rng(32)
    image = distinct(rng, (2, 4, 5))
    for group, layer, picture, shift in (
        ("basic", "identity", distinct(rng, (1, 3, 4)), 1),
        ("basic", "identity", image, 2),
        ("basic", "square", image, 1),
        ("layers", "negation", image, 1),
        ("layers", "channel_sum", distinct(rng, (3, 4, 6)), 2),
        ("layers", "every_second_pixel", distinct(rng, (2, 4, 6)), 1),
        ("layers", "every_second_pixel", distinct(rng, (2, 6, 7)), 3),
        ("layers", "minus_previous_pixel", image, 2),
        ("layers", "brighter_to_the_right", image, 1),
        ("shifts", "identity", image, 0),
        ("shifts", "brighter_to_the_right", image, 3),
        ("shifts", "every_second_pixel", distinct(rng, (1, 4, 6)), 4),
        ("shifts", "brighter_to_the_right", image, 7),
        ("shifts", "brighter_to_the_right", image, -1),
        ("zero", "identity", np.zeros((2, 3, 4)), 1),
        ("zero", "constant", image, 2),
    ):
        label = f"{group}: {layer}, {'x'.join(map(str, picture.shape))}, {shift}"
        yield "shift_response", label, {"layer": layer, "image": picture, "shift": shift}
