"""The known mistakes of all assignments, found by operator or by name."""

from __future__ import annotations

import builtins
import copy
import functools
import importlib
import warnings
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from .. import rooms
from ..agreement import is_single, same, tolerance, unchanged
from ..vectors import Lesson, Outcome
from . import Mistake

__all__ = [
    "all_mistakes",
    "assignments",
    "by_name",
    "lessons",
    "mistakes_of",
    "outcomes",
]


def assignments() -> tuple[str, ...]:
    """The assignments that have known mistakes: each has a module here and one in ``cases/``."""
    return tuple(sorted({path.stem for path in rooms.files("mistakes/cases", "[a-z]*.py")}))


@functools.cache
def all_mistakes(assignment: str) -> tuple[Mistake, ...]:
    """The known mistakes of ``assignment``, by operator, the most frequent first."""
    found: tuple[Mistake, ...] = importlib.import_module(f"{__package__}.{assignment}").MISTAKES
    return found


@rooms.kept
def _everything() -> tuple[Mistake, ...]:
    return tuple(mistake for name in assignments() for mistake in all_mistakes(name))


@rooms.kept
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
def lessons(assignment: str) -> dict[str, Lesson]:
    """What every known mistake of ``assignment`` teaches, by its name."""
    return {m.name: Lesson(m.sentence, m.hint, m.between_calls) for m in all_mistakes(assignment)}


def outcomes(
    operator: str,
    arguments: Mapping[str, Any],
    expected: Any,
    raises: str | None = None,
    *,
    portable: bool = False,
    without: Collection[str] = (),
) -> tuple[Outcome, ...]:
    """What the known mistakes of ``operator`` do with ``arguments`` that is not right.

    ``expected`` is the right result, or ``raises`` the right exception. Mistakes that do the same
    share one outcome, the most frequent first. With ``portable``, for use on other machines, a
    result is not kept that jumps when the input moves by a rounding error. ``without`` names
    mistakes to leave out. The arguments are copied for each mistake.
    """
    single = is_single(arguments)
    found: list[Outcome] = []
    for mistake in mistakes_of(operator):
        # The first call of one that keeps something is right, and later ones depend on it.
        if mistake.name in without or mistake.between_calls:
            continue
        outcome = _outcome(mistake, arguments, expected, raises, single)
        if outcome is None:
            continue
        if portable and _jumps(mistake, arguments, outcome):
            outcome = Outcome(outcome.names, varies="widely")
        for number, other in enumerate(found):
            if _alike(outcome, other, single):
                found[number] = replace(other, names=(*other.names, mistake.name))
                break
        else:
            found.append(outcome)
    return tuple(found)


def _outcome(
    mistake: Mistake,
    arguments: Mapping[str, Any],
    expected: Any,
    raises: str | None,
    single: bool,
) -> Outcome | None:
    """What ``mistake`` does with ``arguments``; None if it does the right thing."""
    names = (mistake.name,)
    result, error, after = _run(mistake, arguments)
    if error:
        return None if error == raises else Outcome(names, raises=error)
    if raises:
        return Outcome(names, result)
    if not same(result, expected, single):
        if not single and _rounding(mistake, arguments, result, expected):
            return Outcome(names, varies="slightly")
        return Outcome(names, _shared(result, expected, single))
    if mistake.changes_arguments:
        changed = tuple(
            name for name, value in arguments.items() if not unchanged(value, after[name])
        )
        if changed:
            return Outcome(names, changed=changed)
    if _dtype(result) != _dtype(expected):
        return Outcome(names, dtype=_dtype(result))
    return None


def _run(mistake: Mistake, arguments: Mapping[str, Any]) -> tuple[Any, str, dict[str, Any]]:
    """The result, or else the name of the built-in exception; and the arguments afterwards."""
    given = copy.deepcopy(dict(arguments))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return mistake.function(**given), "", given
        except Exception as error:
            known = (b.__name__ for b in type(error).__mro__ if vars(builtins).get(b.__name__) is b)
            return None, next(known), given


def _shared(result: Any, expected: Any, single: bool) -> Any:
    """``result`` with the parts of ``expected`` where they are the same, so that these are stored
    once."""
    if isinstance(result, tuple) and isinstance(expected, tuple) and len(result) == len(expected):
        parts = zip(result, expected, strict=True)
        return tuple(e if same(r, e, single) else r for r, e in parts)
    return result


def _alike(one: Outcome, other: Outcome, single: bool) -> bool:
    """Whether two outcomes, of different mistakes, are the same."""
    if replace(one, names=(), result=None) != replace(other, names=(), result=None):
        return False
    return same(one.result, other.result, single)


def _moved(arguments: Mapping[str, Any], change: float) -> dict[str, Any]:
    """``arguments`` with every array of real numbers larger by the fraction ``change``."""
    return {
        name: value * (1 + change)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        else value
        for name, value in arguments.items()
    }


def _jumps(mistake: Mistake, arguments: Mapping[str, Any], outcome: Outcome) -> bool:
    """Whether the result changes when the input moves by a rounding error."""
    if outcome.varies or outcome.changed or outcome.dtype:
        return False
    for change in (-1e-11, 1e-11):
        result, error, _ = _run(mistake, _moved(arguments, change))
        if error != outcome.raises or not (error or _near(result, outcome.result, 1e-6)):
            return True
    return False


def _rounding(mistake: Mistake, arguments: Mapping[str, Any], result: Any, expected: Any) -> bool:
    """Whether ``result`` differs from ``expected`` by rounding alone, as arithmetic in single
    precision does.

    It must be near, and rough: where the input moves in steps of 1e-7, a smooth function has a
    second difference of some 1e-14, while one that rounds to 24 bits jumps by 6e-8 here and there.
    """
    if not _near(result, expected, 1e-4):
        return False
    one, two = (_run(mistake, _moved(arguments, change))[0] for change in (1e-7, 2e-7))
    for a, b, c in zip(_arrays(result), _arrays(one), _arrays(two), strict=True):
        scale = float(np.abs(a).max(initial=0.0)) or 1.0
        if float(np.max(np.abs(a - 2 * b + c), initial=0.0)) > 1e-10 * scale:
            return True
    return False


def _near(one: Any, other: Any, fraction: float) -> bool:
    """Whether two results have one structure, and values that differ by ``fraction`` at most of the
    largest."""
    first, second = _arrays(one), _arrays(other)
    if [a.shape for a in first] != [b.shape for b in second]:
        return False
    if not first:
        return same(one, other)
    with np.errstate(all="ignore"):
        return all(
            np.allclose(
                a, b, rtol=0.0, atol=fraction / 1e-9 * tolerance(b, single=False), equal_nan=True
            )
            for a, b in zip(first, second, strict=True)
        )


def _arrays(value: Any) -> list[np.ndarray[Any, Any]]:
    """The arrays and real numbers in ``value``, in order, in double precision."""
    if isinstance(value, tuple | list):
        return [array for item in value for array in _arrays(item)]
    if isinstance(value, dict):
        return [array for item in value.values() for array in _arrays(item)]
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return [value.astype(np.float64)]
    return [np.asarray(float(value))] if isinstance(value, float | np.floating) else []


def _dtype(value: Any) -> str:
    """The dtypes of the arrays in ``value``."""
    if isinstance(value, tuple | list):
        return " ".join(map(_dtype, value))
    return value.dtype.name if isinstance(value, np.ndarray) else ""
