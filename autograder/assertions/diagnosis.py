"""Saying what is wrong: known mistakes by their output, and patterns in where values differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..vectors import Case

__all__ = ["match", "pattern"]

Array = np.ndarray[Any, Any]

_AXES = {4: ("image", "channel", "row", "column"), 3: ("image", "channel", "position")}


def match(got: Any, case: Case, same: Callable[[Any, Any], bool]) -> str:
    """The name of the known mistake that gives ``got`` for this case, '' if there is none."""
    for name, result in case.mistakes().items():
        if same(got, result):
            return name
    return ""


def pattern(got: Array, expected: Array, bad: Array) -> str:
    """One sentence on how the differences are spread, '' if nothing stands out.

    ``bad`` marks the values that differ; the three arrays have one shape.
    """
    if not np.isfinite(got).all():
        return f"{int((~np.isfinite(got)).sum())} values are not finite (NaN or infinity)."
    if bad.all():
        return _of_all(got, expected)
    return _of_some(bad)


def _of_all(got: Array, expected: Array) -> str:
    if not got.any():
        return "All your values are zero."
    if np.allclose(got, -expected, rtol=1e-6):
        return "Your values have the opposite sign."
    factor = float(np.vdot(expected, got) / (np.vdot(expected, expected) or 1.0))
    if factor and np.allclose(got, factor * expected, rtol=1e-6):
        return f"Your values are {factor:.4g} times the expected ones."
    if expected.ndim >= 3:
        offset = got - expected
        each = offset.reshape(*offset.shape[:2], -1)
        if each.shape[2] > 1 and np.allclose(each, each[..., :1], rtol=1e-6, atol=1e-9):
            return "Each channel is off by a constant of its own."
    return ""


def _of_some(bad: Array) -> str:
    if bad.ndim >= 3:
        inner = (slice(None), slice(None)) + (slice(1, -1),) * (bad.ndim - 2)
        if all(n > 2 for n in bad.shape[2:]) and not bad[inner].any():
            return "Only values at the border differ."
    names = _AXES.get(bad.ndim, ())
    for axis, name in enumerate(names):
        others = tuple(i for i in range(bad.ndim) if i != axis)
        touched: Array = np.asarray(bad.any(axis=others))
        whole: Array = np.asarray(bad.all(axis=others))
        count = int(touched.sum())
        if 0 < count < len(touched):
            where = ", ".join(map(str, np.flatnonzero(touched)[:6]))
            all_of = "All" if (whole == touched).all() else "Only"
            if not touched[0] and count == len(touched) - 1:
                return f"Everything after the first {name} differs; the first one is right."
            return (
                f"{all_of} values of {name} {where} differ, and no others."
                if (all_of == "All")
                else f"Only {name} {where} is touched."
            )
    return ""
