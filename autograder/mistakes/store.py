"""Makes the stored vectors of the public checks: ``python -m autograder.mistakes.store [--check]``.

The inputs are those of ``cases/``. Every case holds what the reference gives for them, and what
each known mistake gives instead.
"""

from __future__ import annotations

import argparse
import copy
import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..vectors import Case, Lesson, load, save
from . import catalogue

__all__ = ["FOLDER", "cases", "main"]

FOLDER = Path(__file__).parents[1] / "suites" / "public" / "vectors"


def cases(assignment: str) -> list[Case]:
    """The public cases of ``assignment``."""
    inputs = importlib.import_module(f"{__package__}.cases.{assignment}")
    reference = importlib.import_module(f"autograder.reference.{assignment}")
    own_cache = getattr(inputs, "OWN_CACHE", False)
    return [_case(reference.OPERATORS, own_cache, *entry) for entry in inputs.entries()]


def _case(
    operators: Mapping[str, Callable[..., Any]],
    own_cache: bool,
    operator: str,
    label: str,
    arguments: Mapping[str, Any],
) -> Case:
    try:
        expected = operators[operator](**copy.deepcopy(dict(arguments)))
    except ValueError:
        return Case(operator, label, arguments, raises="ValueError")
    out = None
    inputs = dict(arguments)
    if inputs.pop("dout", None) is not None and own_cache:
        out = operators[operator.replace("backward", "forward")](**copy.deepcopy(inputs))
        # A forward pass with state gives the state after it as well.
        out = out[0] if isinstance(out, tuple) else out
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
    return Case(operator, label, arguments, expected, out=out, mistakes=lambda: mistakes)


def _moved(arguments: Mapping[str, Any], change: float) -> dict[str, Any]:
    """``arguments`` with every array of real numbers larger by the fraction ``change``."""
    return {
        name: value * (1 + change)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f"
        else value
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
        before = {**one.arguments, "the result": one.expected, "out": one.out, **one.mistakes()}
        after = {**other.arguments, "the result": other.expected, "out": other.out}
        after |= other.mistakes()
        if list(before) != list(after):
            return f"{where}: the known mistakes {sorted(before.keys() ^ after.keys())}"
        for name, value in before.items():
            if not catalogue.equal(value, after[name]):
                return f"{where}: {name}"
    return ""


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with ``--check`` say whether they are up to date."""
    parser = argparse.ArgumentParser(
        prog="python -m autograder.mistakes.store",
        description="Make the stored vectors of the public checks.",
    )
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if out of date")
    parser.add_argument(
        "assignments", nargs="*", metavar="ASSIGNMENT", help="which ones (default: all)"
    )
    options = parser.parse_args(arguments)
    unknown = set(options.assignments) - set(catalogue.ASSIGNMENTS)
    if unknown:
        parser.error(f"{unknown.pop()!r} is none of {', '.join(catalogue.ASSIGNMENTS)}")
    stale = False
    for name in options.assignments or catalogue.ASSIGNMENTS:
        stale |= not _make(name, options.check)
    return 1 if stale else 0


def _make(assignment: str, check: bool) -> bool:
    """Write or compare one file; whether it is up to date afterwards."""
    path = FOLDER / f"{assignment}.npz"
    made = cases(assignment)
    named = {name for case in made for name in case.mistakes()}
    lessons = {name: lesson for name, lesson in catalogue.lessons().items() if name in named}
    if check:
        what = _difference(load(path), (made, lessons)) if path.exists() else "everything"
        if what:
            print(f"{path} is out of date ({what}); run: make vectors", file=sys.stderr)
        return not what
    FOLDER.mkdir(exist_ok=True)
    save(path, made, lessons)
    print(f"{path}: {len(made)} cases, {len(lessons)} known mistakes, {path.stat().st_size} bytes")
    return True


if __name__ == "__main__":
    sys.exit(main())
