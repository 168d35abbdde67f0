"""The known mistakes of all assignments, found by operator or by name."""

from __future__ import annotations

import copy
import functools
import importlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..vectors import Lesson
from . import Mistake

__all__ = [
    "ASSIGNMENTS",
    "all_mistakes",
    "by_name",
    "candidates",
    "equal",
    "lessons",
    "mistakes_of",
]

ASSIGNMENTS = tuple(
    sorted(path.stem for path in Path(__file__).with_name("cases").glob("[a-z]*.py"))
)
"""The assignments that have known mistakes: each has a module here and one in ``cases/``."""


@functools.cache
def all_mistakes(assignment: str) -> tuple[Mistake, ...]:
    """The known mistakes of ``assignment``, by operator, the most frequent first."""
    found: tuple[Mistake, ...] = importlib.import_module(f"{__package__}.{assignment}").MISTAKES
    return found


@functools.cache
def _everything() -> tuple[Mistake, ...]:
    return tuple(mistake for name in ASSIGNMENTS for mistake in all_mistakes(name))


@functools.cache
def mistakes_of(operator: str) -> tuple[Mistake, ...]:
    """The known mistakes of ``operator``, the most frequent first."""
    return tuple(mistake for mistake in _everything() if mistake.operator == operator)


def by_name(name: str) -> Mistake:
    """The known mistake ``name``; ``KeyError`` if there is none."""
    for mistake in _everything():
        if mistake.name == name:
            return mistake
    raise KeyError(name)


@functools.cache
def lessons() -> dict[str, Lesson]:
    """What every known mistake teaches, by its name."""
    return {mistake.name: Lesson(mistake.sentence, mistake.hint) for mistake in _everything()}


def candidates(operator: str, arguments: Mapping[str, Any], expected: Any) -> dict[str, Any]:
    """What each known mistake of ``operator`` returns for ``arguments``, by the mistake's name.

    Left out is what tells nothing: a mistake that raises, gives no finite numbers, or gives
    ``expected``. The arguments are copied for each.
    """
    found = {}
    for mistake in mistakes_of(operator):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                result = mistake.function(**copy.deepcopy(dict(arguments)))
            except Exception:
                continue
        if _finite(result) and not equal(result, expected):
            found[mistake.name] = result
    return found


def _finite(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_finite, value))
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, np.ndarray):
        return bool(np.isfinite(value).all()) if value.dtype.kind in "fiub" else False
    if value is None or isinstance(value, str):
        return True
    return isinstance(value, bool | int | float | np.number) and bool(np.isfinite(value))


def equal(one: Any, other: Any) -> bool:
    """Whether two results of an operator are the same, up to rounding."""
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-6, atol=1e-9))
    if isinstance(one, float) and isinstance(other, float):
        return bool(np.isclose(one, other, rtol=1e-6, atol=1e-9))
    return type(one) is type(other) and bool(one == other)
