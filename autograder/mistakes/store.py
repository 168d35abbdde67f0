"""Makes the stored vectors of the public checks: ``python -m autograder.mistakes.store [--check]``.

Every case holds what the reference gives and what each known mistake gives instead. Inputs are
small whole numbers and halves, so that a student can follow them by hand, or come from a generator
with a fixed seed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..reference import convolution as reference
from ..vectors import Case, Lesson, load, save
from . import catalogue

__all__ = ["FOLDER", "cases", "main"]

FOLDER = Path(__file__).parents[1] / "suites" / "public" / "vectors"


def cases() -> list[Case]:
    """The public cases of the assignment ``convolution``."""
    return [_case(*entry) for entry in (*_numbers(), *_layers(), *_others())]


def _case(operator: str, label: str, arguments: Mapping[str, Any]) -> Case:
    try:
        expected = getattr(reference, operator)(**arguments)
    except ValueError:
        return Case(operator, label, arguments, raises="ValueError")
    results = catalogue.candidates(operator, arguments, expected)
    # A result that jumps when the input moves by a rounding error, as one cut to whole numbers may,
    # differs from machine to machine and explains nothing.
    for change in (-1e-11, 1e-11):
        moved = catalogue.candidates(operator, _moved(arguments, change), None)
        results = {
            name: result
            for name, result in results.items()
            if name in moved and catalogue.equal(result, moved[name])
        }
    mistakes = _distinct(results, expected)
    return Case(operator, label, arguments, expected, mistakes=lambda: mistakes)


def _moved(arguments: Mapping[str, Any], change: float) -> dict[str, Any]:
    """``arguments`` with every array larger by the fraction ``change``."""
    return {
        name: value * (1 + change) if isinstance(value, np.ndarray) else value
        for name, value in arguments.items()
    }


def _distinct(results: Mapping[str, Any], expected: Any) -> dict[str, Any]:
    """``results`` without those that equal an earlier one: the first mistake explains them all.

    Left out as well is what differs from ``expected`` by rounding only, as arithmetic in single
    precision does: how much it differs depends on the machine.
    """
    kept: dict[str, Any] = {}
    for name, result in results.items():
        known = any(catalogue.equal(result, other) for other in kept.values())
        if not known and not _close(result, expected):
            kept[name] = result
    return kept


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_close, one, other))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        scale = float(np.max(np.abs(other), initial=1.0))
        return one.shape == other.shape and bool(np.max(np.abs(one - other)) <= 1e-4 * scale)
    return False


Entry = tuple[str, str, dict[str, Any]]


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
        yield "conv_backward", label, {"dout": _round(rng, out.shape), **inputs}
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
        x, w, b = _round(rng, (n, c, *image)), _round(rng, (f, c)), _round(rng, (f,))
        yield "conv1x1_forward", f"{group}: {x.shape}", {"x": x, "w": w, "b": b}
    for group, c, m, f, first, second in (
        ("basic", 1, 1, 1, (2, 2), (2, 2)),
        ("basic", 2, 3, 4, (3, 3), (3, 3)),
        ("rectangles", 2, 3, 2, (1, 3), (4, 2)),
    ):
        w1, w2 = _round(rng, (m, c, *first)), _round(rng, (f, m, *second))
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
        "x": _round(rng, (n, c, *image)),
        "w": _round(rng, (f, c, *kernel)),
        "b": _round(rng, (f,)),
        "conv_param": {"stride": stride, "pad": pad},
    }


def _round(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers with one decimal place from −3 to 3, none of them zero."""
    values = rng.integers(1, 31, size=shape) / 10
    return values * rng.choice([-1.0, 1.0], size=shape)


Contents = tuple[list[Case], dict[str, Lesson]]


def _difference(stored: Contents, made: Contents) -> str:
    """The first thing that differs between two contents, up to the rounding of another machine's
    BLAS; '' if nothing does."""
    if stored[1] != made[1]:
        names = [
            name for name in stored[1].keys() | made[1] if stored[1].get(name) != made[1].get(name)
        ]
        return f"the text of {sorted(names)[0]}"
    if [case.label for case in stored[0]] != [case.label for case in made[0]]:
        return "the list of cases"
    for one, other in zip(stored[0], made[0], strict=True):
        where = f"{one.operator}, {one.label}"
        if (one.operator, one.raises) != (other.operator, other.raises):
            return where
        before = {**one.arguments, "the result": one.expected, **one.mistakes()}
        after = {**other.arguments, "the result": other.expected, **other.mistakes()}
        if list(before) != list(after):
            return f"{where}: the known mistakes {sorted(before.keys() ^ after.keys())}"
        for name, value in before.items():
            same = value == after[name] if isinstance(value, dict) else None
            if not (catalogue.equal(value, after[name]) if same is None else same):
                return f"{where}: {name}"
    return ""


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or with ``--check`` say whether it is up to date."""
    parser = argparse.ArgumentParser(prog="python -m autograder.mistakes.store")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if out of date")
    options = parser.parse_args(arguments)
    path = FOLDER / "convolution.npz"
    made = cases()
    named = {name for case in made for name in case.mistakes()}
    lessons = {name: lesson for name, lesson in catalogue.lessons().items() if name in named}
    if options.check:
        what = _difference(load(path), (made, lessons)) if path.exists() else "everything"
        if not what:
            return 0
        print(f"{path} is out of date ({what}); run: make vectors", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    save(path, made, lessons)
    print(f"{path}: {len(made)} cases, {len(lessons)} known mistakes, {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
