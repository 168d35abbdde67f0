"""Public inputs of the assignment ``convolution``: small numbers with one decimal place.

Groups: ``basic``, ``padding``, ``stride``, ``rectangles`` (nothing is square), ``errors`` (sizes
that do not fit).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...reference import convolution as reference
from . import Entry, rounded

__all__ = ["entries"]


def entries() -> Iterator[Entry]:
    """Operator, label and arguments of every public case."""
    yield from _numbers()
    yield from _layers()
    yield from _others()


def _numbers() -> Iterator[Entry]:
    sizes = {
        "basic": [(7, 3, 1, 0), (5, 5, 1, 0), (32, 5, 1, 0), (10, 1, 1, 0)],
        "padding": [(32, 5, 1, 2), (7, 3, 1, 1), (4, 4, 1, 1), (2, 4, 1, 1)],
        "stride": [(7, 3, 2, 0), (7, 3, 2, 1), (11, 3, 4, 0), (227, 11, 4, 0), (8, 2, 3, 0)],
        "errors": [(3, 5, 1, 0), (7, 3, 3, 0), (6, 3, 2, 0), (4, 2, 3, 0)],
    }
    for group, entries in sizes.items():
        for size, kernel, stride, pad in entries:
            arguments = {"size": size, "kernel": kernel, "stride": stride, "pad": pad}
            yield "conv_output_size", f"{group}: {size}, {kernel}, {stride}, {pad}", arguments
    for kernel in (1, 3, 5, 7, 11):
        yield "same_padding", f"basic: {kernel}", {"kernel": kernel}
    for kernel in (2, 4, 10):
        yield "same_padding", f"errors: {kernel}", {"kernel": kernel}
    layers = {
        "basic": [((3, 8, 8), 4, 3, 1, 0), ((1, 5, 7), 2, 1, 1, 0)],
        "padding": [((3, 32, 32), 10, 5, 1, 2), ((2, 6, 9), 3, 3, 1, 1)],
        "stride": [((3, 227, 227), 96, 11, 4, 0), ((2, 7, 11), 5, 3, 2, 1)],
    }
    for group, costs in layers.items():
        for shape, filters, kernel, stride, pad in costs:
            yield (
                "conv_cost",
                f"{group}: {filters} of {kernel}x{kernel} on {shape}",
                {
                    "in_shape": shape,
                    "num_filters": filters,
                    "kernel": kernel,
                    "stride": stride,
                    "pad": pad,
                },
            )
    for shape, kernel, stride in (((3, 4, 8), 5, 1), ((3, 8, 4), 5, 1), ((1, 6, 7), 3, 2)):
        yield (
            "conv_cost",
            f"errors: {kernel}x{kernel} on {shape}, stride {stride}",
            {"in_shape": shape, "num_filters": 2, "kernel": kernel, "stride": stride, "pad": 0},
        )
    stacks = {
        "basic": [[], [(3, 1)], [(3, 1), (3, 1)], [(5, 1), (3, 1), (7, 1)]],
        "stride": [[(3, 2), (3, 1)], [(7, 2), (3, 2), (3, 1)], [(2, 2), (2, 2), (5, 3), (3, 1)]],
    }
    for group, entries_ in stacks.items():
        for stack in entries_:
            yield "receptive_field", f"{group}: {stack}", {"layers": stack}


# group, N, C, image, F, kernel, stride, pad
_SHAPES: list[tuple[str, int, int, tuple[int, int], int, tuple[int, int], int, int]] = [
    ("basic", 1, 1, (4, 4), 1, (3, 3), 1, 0),
    ("basic", 2, 3, (5, 5), 4, (3, 3), 1, 0),
    ("padding", 2, 2, (5, 5), 3, (3, 3), 1, 1),
    ("padding", 1, 2, (4, 4), 2, (3, 3), 1, 2),
    ("stride", 2, 2, (7, 7), 3, (3, 3), 2, 0),
    ("stride", 2, 2, (7, 7), 2, (3, 3), 2, 1),
    ("stride", 1, 2, (8, 8), 2, (2, 2), 3, 0),
    ("rectangles", 2, 2, (5, 7), 3, (3, 3), 1, 1),
    ("rectangles", 2, 2, (6, 6), 3, (2, 4), 2, 0),
    ("rectangles", 1, 3, (4, 9), 2, (4, 3), 1, 1),
]
_MISFITS = [((4, 4), (5, 3), 1, 0), ((4, 4), (3, 5), 1, 0), ((6, 6), (3, 3), 2, 0),
            ((5, 6), (3, 3), 2, 0), ((6, 5), (3, 3), 2, 0), ((5, 5), (2, 2), 2, 1)]  # fmt: skip


def _layers() -> Iterator[Entry]:
    rng = np.random.default_rng(20)
    for group, n, c, image, f, kernel, stride, pad in _SHAPES:
        label = f"{group}: {n}x{c}x{image[0]}x{image[1]}, {f} of {kernel[0]}x{kernel[1]}"
        inputs = _inputs(rng, n, c, image, f, kernel, stride, pad)
        yield "conv_forward", label, inputs
        out = reference.conv_forward(**inputs)
        yield "conv_backward", label, {"dout": rounded(rng, out.shape), **inputs}
    for image, kernel, stride, pad in _MISFITS:
        label = f"errors: {image[0]}x{image[1]}, {kernel[0]}x{kernel[1]}, {stride}, {pad}"
        yield "conv_forward", label, _inputs(rng, 1, 1, image, 1, kernel, stride, pad)


Shape = tuple[str, tuple[int, ...], tuple[int, ...], int, int]
_LINES: list[Shape] = [
    ("basic", (5,), (3,), 1, 0),
    ("padding", (5,), (3,), 1, 1),
    ("stride", (7,), (3,), 2, 1),
    ("stride", (8,), (2,), 3, 0),
    ("rectangles", (6,), (4,), 1, 1),
    ("errors", (3,), (5,), 1, 0),
    ("errors", (6,), (3,), 2, 0),
]
_VOLUMES: list[Shape] = [
    ("basic", (3, 3, 3), (2, 2, 2), 1, 0),
    ("padding", (3, 3, 3), (3, 3, 3), 1, 1),
    ("stride", (5, 5, 5), (3, 3, 3), 2, 0),
    ("stride", (4, 4, 4), (2, 2, 2), 2, 1),
    ("rectangles", (2, 4, 5), (2, 1, 3), 1, 0),
    ("errors", (2, 4, 4), (3, 2, 2), 1, 0),
    ("errors", (4, 3, 3), (2, 2, 2), 2, 0),
]


def _others() -> Iterator[Entry]:
    rng = np.random.default_rng(21)
    for group, n, c, f, image in (
        ("basic", 1, 2, 3, (2, 2)),
        ("basic", 3, 4, 2, (4, 4)),
        ("rectangles", 2, 3, 5, (3, 5)),
    ):
        x, w, b = rounded(rng, (n, c, *image)), rounded(rng, (f, c)), rounded(rng, (f,))
        yield "conv1x1_forward", f"{group}: {x.shape}", {"x": x, "w": w, "b": b}
    for group, c, m, f, first, second in (
        ("basic", 1, 1, 1, (2, 2), (2, 2)),
        ("basic", 2, 3, 4, (3, 3), (3, 3)),
        ("rectangles", 2, 3, 2, (1, 3), (4, 2)),
    ):
        w1, w2 = rounded(rng, (m, c, *first)), rounded(rng, (f, m, *second))
        yield "compose_convs", f"{group}: {w1.shape}, {w2.shape}", {"w1": w1, "w2": w2}
    for operator, shapes in (("conv1d_forward", _LINES), ("conv3d_forward", _VOLUMES)):
        for group, size, window, stride, pad in shapes:
            inputs = _inputs(rng, 2, 2, size, 3, window, stride, pad)
            yield operator, f"{group}: {size}, {window}, stride {stride}, pad {pad}", inputs


def _inputs(
    rng: np.random.Generator,
    n: int,
    c: int,
    image: tuple[int, ...],
    f: int,
    kernel: tuple[int, ...],
    stride: int,
    pad: int,
) -> dict[str, Any]:
    return {
        "x": rounded(rng, (n, c, *image)),
        "w": rounded(rng, (f, c, *kernel)),
        "b": rounded(rng, (f,)),
        "conv_param": {"stride": stride, "pad": pad},
    }
