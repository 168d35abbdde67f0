"""What a public check shows of a failure: a call to copy into a cell, and expected beside got.

Everything is bounded, whatever a function returned: a window of a few rows and columns around the
first difference, and pictures of a few hundred characters.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..agreement import tolerance
from ..language import say
from ..report import Comparison, Plane, plain
from . import values

__all__ = ["as_text", "assignment", "compare", "expression"]

Array = np.ndarray[Any, Any]

MOST_PARTS = 8
ROWS, COLUMNS = 6, 6
"""The window of numbers that is shown of an array."""

MOST_PLANES, MOST_LEVELS, SIDE = 8, 600, 16
"""How many planes are drawn, of how many characters together, and how many a side has."""

FEWEST_WRONG, FEWEST_VALUES = 3, 9
"""Fewer wrong values, or a smaller array, are seen at once in the numbers."""

MOST_LINES = 12
"""An array of more rows is written with as many numbers a line as fit."""


def compare(parts: Iterable[tuple[str, Any, Any]], single: bool) -> tuple[Comparison, ...]:
    """Compare each part that is wrong: ``parts`` gives its name, what is expected, what came."""
    found = (c for name, expected, got in parts for c in _compare(name, expected, got, single))
    return tuple(comparison for comparison, _ in zip(found, range(MOST_PARTS), strict=False))


def as_text(name: str, expected: str, got: str) -> Comparison:
    """A comparison of two things that are told in words."""
    return Comparison(name, "", "", "", ((_short(expected),),), ((_short(got),),), ("x",))


def _short(text: str) -> str:
    return plain(text)[:300]


def _compare(name: str, expected: Any, got: Any, single: bool) -> Iterator[Comparison]:
    if values.agree(got, expected, single):
        return
    if type(expected) is dict and type(got) is dict and got.keys() == expected.keys():
        for key, value in expected.items():
            yield from _compare(f"{name}[{key!r}]", value, got[key], single)
    elif _is_table(expected) and _is_table(got) and len(got) == len(expected):
        for i, value in enumerate(expected):
            yield from _compare(f"{name}[{i}]", value, got[i], single)
    elif type(expected) is np.ndarray and _is_real(got) and expected.ndim:
        yield _compare_arrays(name, expected, got, single)
    else:
        kinds = [type(v).__name__ if _is_number(v) else "" for v in (expected, got)]
        kinds = kinds if kinds[0] != kinds[1] else ["", ""]
        text = as_text(name, _value(expected), _value(got))
        yield Comparison(name, "", kinds[0], kinds[1], text.expected, text.got, text.differs)


def _is_table(value: Any) -> bool:
    """Whether it is a row of arrays or rows: of plain numbers the whole is clearer."""
    return type(value) in (tuple, list) and any(
        type(v) in (tuple, list, dict, np.ndarray) for v in value
    )


def _is_real(value: Any) -> bool:
    return type(value) is np.ndarray and value.ndim > 0 and value.dtype.kind in "fiu"


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float | np.generic)


def _value(value: Any) -> str:
    if type(value) is np.ndarray and value.dtype.kind not in "fiu":
        return say("an array of {dtype} of shape {shape}", dtype=value.dtype, shape=value.shape)
    if isinstance(value, np.generic) or (type(value) is np.ndarray and value.shape == ()):
        return repr(value.item())
    return values.kind(value)


def _compare_arrays(name: str, expected: Array, got: Array, single: bool) -> Comparison:
    kinds = (_kind(expected), _kind(got))
    if got.shape != expected.shape:
        windows = []
        for array in (expected, got):
            plane = _planes(array)[0] if array.size else np.zeros((0, 0))
            windows.append(_rows(plane[:ROWS, :COLUMNS]))
        at = say("the beginning of {name}", name=name)
        return Comparison(name, at, *kinds, windows[0], windows[1])
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(np.float64) - expected.astype(np.float64))
    bad = ~(error <= tolerance(expected, single))
    shape = _planes(expected).shape
    first = np.unravel_index(int(np.argmax(bad.reshape(-1))), shape)
    number, row, column = (int(i) for i in first)
    top, left = _start(row, shape[1], ROWS), _start(column, shape[2], COLUMNS)
    window = (number, slice(top, top + ROWS), slice(left, left + COLUMNS))
    wrong = _planes(bad)[window]
    texts = _rows(_planes(expected)[window], _planes(got)[window], wrong)
    half = len(texts) // 2
    planes, step, more = _pictures(name, expected.shape, got, error, bad)
    return Comparison(
        name,
        _at(name, expected.shape, number, window[1:]),
        *kinds,
        texts[:half],
        texts[half:],
        tuple("".join("x" if w else "." for w in line) for line in wrong),
        top,
        left,
        planes,
        step,
        more,
    )


def _kind(array: Array) -> str:
    if array.dtype == np.float64:
        return say("array of shape {shape}", shape=array.shape)[:200]
    text = say("array of {dtype} of shape {shape}", dtype=array.dtype, shape=array.shape)
    return text[:200]


def _planes(array: Array) -> Array:
    """``array`` as ``(planes, rows, columns)``; a row of numbers is one plane of one row."""
    rows = array.shape[-2] if array.ndim > 1 else 1
    return array.reshape(math.prod(array.shape[:-2]), rows, array.shape[-1])


def _start(at: int, length: int, shown: int) -> int:
    """Where to begin, so that ``at`` is shown, and as much of what is before it as may be."""
    return 0 if at < shown else min(at - 1, length - shown)


def _at(name: str, shape: Sequence[int], number: int, window: Sequence[slice] | None = None) -> str:
    """The piece of an array, as it is written in Python."""
    index = [str(int(i)) for i in np.unravel_index(number, shape[:-2])] if len(shape) > 2 else []
    if window is not None:
        sizes, parts = shape[-2:], list(window[-len(shape[-2:]) :])
        if any(p.stop - p.start < size for p, size in zip(parts, sizes, strict=True)):
            index += [
                f"{p.start}:{min(p.stop, size)}" for p, size in zip(parts, sizes, strict=True)
            ]
    return f"{name}[{', '.join(index)}]" if index else name


def _rows(first: Array, second: Array | None = None, wrong: Array | None = None) -> Any:
    """Rows of numbers as texts; with ``second`` those of both, with as many digits as show where
    they differ (``wrong``)."""
    arrays = [first] if second is None else [first, second]
    texts: list[tuple[tuple[str, ...], ...]] = []
    for digits in (4, 8, 17):
        texts = [tuple(tuple(_number(v, digits) for v in row) for row in a) for a in arrays]
        if second is None or wrong is None:
            break
        pairs = zip(*(np.array(t, object).reshape(wrong.shape)[wrong] for t in texts), strict=True)
        if all(one != other for one, other in pairs):
            break
    return tuple(row for text in texts for row in text)


def _number(value: Any, digits: int) -> str:
    text = f"{value:.{digits}g}"
    return "0" if text == "-0" else text


def _pictures(
    name: str, shape: Sequence[int], got: Array, error: Array, bad: Array
) -> tuple[tuple[Plane, ...], int, int]:
    """Where the errors sit: planes, how much one character stands for, how many are left out."""
    if bad.sum() < FEWEST_WRONG or bad.size < FEWEST_VALUES:
        return (), 1, 0
    largest = float(np.max(error, initial=0.0, where=bad & np.isfinite(error))) or 1.0
    with np.errstate(all="ignore"):
        levels = np.where(bad, np.clip(np.ceil(9 * error / largest), 1, 9), 0)
    # NaN and infinity count as more than the largest level.
    levels = _planes(np.where(bad & ~np.isfinite(got.astype(np.float64)), 10, levels))
    step = max(1, math.ceil(max(levels.shape[1:]) / SIDE))
    size = math.ceil(levels.shape[1] / step) * math.ceil(levels.shape[2] / step)
    count = max(1, min(MOST_PLANES, MOST_LEVELS // size))
    numbers = list(range(len(levels)))
    if not levels[:count].any():
        numbers.sort(key=lambda number: not levels[number].any())
    planes = tuple(
        Plane(_at(name, shape, number)[:200], _levels(levels[number], step))
        for number in numbers[:count]
    )
    return planes, step, max(0, len(levels) - count)


def _levels(plane: Array, step: int) -> tuple[str, ...]:
    return tuple(
        "".join(
            "0123456789!"[int(plane[i : i + step, j : j + step].max())]
            for j in range(0, plane.shape[1], step)
        )
        for i in range(0, plane.shape[0], step)
    )


def assignment(name: str, value: Any) -> str:
    """Python that makes ``value`` and gives it the name ``name``."""
    if type(value) is not np.ndarray or value.ndim == 1 or value.size == 0:
        return _wrapped(f"{name} = {expression(value)}")
    rows = value.reshape(-1, value.shape[-1])
    lines = [f"{', '.join(map(_literal, row))}," for row in rows]
    if len(lines) > MOST_LINES or max(map(len, lines)) > 76:
        lines = textwrap.wrap(" ".join(lines), 76, break_on_hyphens=False, break_long_words=False)
    body = "\n".join(f"    {line}" for line in lines)
    shape = ", ".join(map(str, value.shape))
    return f"{name} = np.array([\n{body}\n]{_dtype(value)}).reshape({shape})"


def _wrapped(text: str) -> str:
    """``text``, an assignment, with breaks where a long list or dictionary has commas."""
    if len(text) <= 88:
        return text
    lines = textwrap.wrap(
        text, 84, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
    )
    return "\n".join(lines)


def expression(value: Any) -> str:
    """Python for a value of a stored case: an array, a number, a text, or a collection of these."""
    if type(value) is np.ndarray:
        flat = f"[{', '.join(map(_literal, value.reshape(-1)))}]"
        shape = "" if value.ndim == 1 else f".reshape({', '.join(map(str, value.shape))})"
        return f"np.array({flat}{_dtype(value)}){shape}"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{json.dumps(k)}: {expression(v)}' for k, v in value.items())}}}"
    if type(value) is list:
        return f"[{', '.join(map(expression, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(expression, value))}{',' if len(value) == 1 else ''})"
    if type(value) is str:
        return json.dumps(value)
    return _literal(value) if _is_number(value) else repr(value)


def _literal(number: Any) -> str:
    if isinstance(number, bool | np.bool_):
        return str(bool(number))
    # str() of a NumPy number has the fewest digits that tell it from its neighbours.
    text = str(number)
    return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}.get(text, text)


def _dtype(array: Array) -> str:
    usual = array.dtype in (np.float64, np.int64, np.bool_)
    empty = array.size == 0 and array.dtype != np.float64
    return f", dtype=np.{array.dtype}" if empty or not usual else ""
