"""When two results of an operator are the same: tolerances, and where they come from.

A result of ``float64`` input may differ by ``1e-9`` of the largest expected magnitude, one of
``float32`` input by ``2e-5`` of it. A dot product of n terms summed in any order is off by at most
about n·eps of the sum of magnitudes (Higham, *Accuracy and Stability of Numerical Algorithms*,
section 3.1); with the n below 10⁴ of these suites that is 2e-12 and 1e-3 at the very worst, and in
practice √n·eps: 2e-14 and 1e-5. The bound for ``float64`` leaves room for FFTs and is still a
hundred times below what one step in ``float32`` costs (6e-8).

Where all that is expected is tiny, it is what is left of numbers of the size 1 that cancel: the
inputs of the suites have that size. Then what counts is the rounding of these, and the bound is not
below ``1e-12``, or ``1e-6`` in single precision: some thousand roundings, or some ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["is_single", "same", "tolerance", "unchanged"]

Array = np.ndarray[Any, Any]


def tolerance(expected: Array, single: bool) -> float:
    """The largest absolute difference allowed; see the module's text for where it comes from.

    What is not finite in ``expected`` does not count.
    """
    with np.errstate(all="ignore"):
        sizes = np.abs(np.asarray(expected, np.float64))
    scale = float(np.max(sizes, initial=0.0, where=np.isfinite(sizes))) or 1.0
    return max(2e-5 * scale, 1e-6) if single else max(1e-9 * scale, 1e-12)


def is_single(value: Any) -> bool:
    """Whether ``value`` is, or holds, an array in single precision."""
    if type(value) is np.ndarray:
        return bool(value.dtype == np.float32)
    if isinstance(value, Mapping):
        return any(is_single(v) for v in value.values())
    if isinstance(value, list | tuple):
        return any(is_single(v) for v in value)
    return False


def same(one: Any, other: Any, single: bool = False) -> bool:
    """Whether ``one`` is ``other`` up to rounding: structure, kinds of numbers, shapes, values.

    Tuples and lists count as alike, and so do arrays of different dtypes. An int, a float and a
    bool are never the same. NaN and infinity are the same as themselves.
    """
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return _same_arrays(one, other, single)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(
            same(a, b, single) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[k], other[k], single) for k in one)
    kind = _kind(one)
    if kind != _kind(other):
        return False
    if kind == "float":
        return _same_arrays(np.asarray(float(one)), np.asarray(float(other)), single)
    if kind in ("int", "bool"):
        return bool(one == other)
    return type(one) is type(other) and (one is None or (type(one) is str and one == other))


def _same_arrays(one: Array, other: Array, single: bool) -> bool:
    if one.shape != other.shape or one.dtype.kind not in "fiub" or other.dtype.kind not in "fiub":
        return False
    with np.errstate(all="ignore"):
        allowed = tolerance(other, single)
        first, second = one.astype(np.float64), other.astype(np.float64)
        near = np.abs(first - second) <= allowed
        if near.all():
            return True
        return bool((near | (first == second) | (np.isnan(first) & np.isnan(second))).all())


def _kind(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "bool"
    if isinstance(value, int | np.integer):
        return "int"
    if isinstance(value, float | np.floating):
        return "float"
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "fiu":
        return "float" if value.dtype.kind == "f" else "int"
    return type(value).__name__


def unchanged(before: Any, now: Any) -> bool:
    """Whether ``now`` is what ``before`` was, to the bit: types, dtypes, shapes, keys, values."""
    if isinstance(before, np.ndarray):
        return (
            type(now) is np.ndarray
            and now.dtype == before.dtype
            and np.array_equal(before, now, equal_nan=before.dtype.kind == "f")
        )
    if isinstance(before, Mapping):
        return (
            type(now) is dict
            and before.keys() == now.keys()
            and all(unchanged(value, now[key]) for key, value in before.items())
        )
    if isinstance(before, list | tuple):
        return (
            type(now) is type(before)
            and len(now) == len(before)
            and all(map(unchanged, before, now))
        )
    return type(now) is type(before) and bool(before == now)
