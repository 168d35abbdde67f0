"""Makes the stored vectors of the public checks: ``python -m autograder.mistakes.store [--check]``.

The inputs are those of ``cases/``. Every case holds what the reference gives for them, and what
known mistakes do instead.
"""

from __future__ import annotations

import argparse
import copy
import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import rooms
from ..agreement import is_single, same
from ..vectors import Case, Lesson, load, save
from . import catalogue

__all__ = ["cases", "main"]


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
    expected, raises, out = None, None, None
    try:
        expected = operators[operator](**copy.deepcopy(dict(arguments)))
    except ValueError:
        raises = "ValueError"
    inputs = dict(arguments)
    if inputs.pop("dout", None) is not None and own_cache:
        out = operators[operator.replace("backward", "forward")](**copy.deepcopy(inputs))
        # A forward pass with state gives the state after it as well.
        out = out[0] if isinstance(out, tuple) else out
    found = catalogue.outcomes(operator, arguments, expected, raises, portable=True)
    return Case(operator, label, arguments, expected, raises, out, lambda: found)


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
        before, after = (
            {**c.arguments, "the result": c.expected, "out": c.out} for c in (one, other)
        )
        if list(before) != list(after):
            return f"{where}: the arguments"
        # Arguments come from a generator; what is computed has the rounding of its precision.
        single = is_single(one.arguments)
        for name, value in before.items():
            if not same(value, after[name], single and name in ("the result", "out")):
                return f"{where}: {name}"
        pairs = zip(one.outcomes(), other.outcomes(), strict=False)
        if len(one.outcomes()) != len(other.outcomes()) or any(
            replace(a, result=None) != replace(b, result=None)
            or not same(a.result, b.result, single)
            for a, b in pairs
        ):
            return f"{where}: what the known mistakes do"
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
    unknown = set(options.assignments) - set(catalogue.assignments())
    if unknown:
        parser.error(f"{unknown.pop()!r} is none of {', '.join(catalogue.assignments())}")
    stale = False
    for name in options.assignments or catalogue.assignments():
        stale |= not _make(name, options.check)
    return 1 if stale else 0


def _path(assignment: str) -> Path:
    """The file with the vectors of ``assignment``, beside its public checks."""
    suite = rooms.suite("public", assignment)
    if suite is None:
        raise ValueError(f"{assignment} has known mistakes, and no public suite")
    return suite.parent / "vectors" / f"{assignment}.npz"


def _make(assignment: str, check: bool) -> bool:
    """Compare one file, and write it where it is out of date; whether it is right afterwards."""
    path = _path(assignment)
    made = cases(assignment)
    lessons = catalogue.lessons(assignment)
    what = _difference(load(path), (made, lessons)) if path.exists() else "everything"
    if not what:
        return True  # another machine's rounding is no reason to write it
    if check:
        print(f"{path} is out of date ({what}); run: autograder update", file=sys.stderr)
        return False
    path.parent.mkdir(exist_ok=True)
    save(path, made, lessons)
    print(f"{path}: {len(made)} cases, {len(lessons)} known mistakes, {path.stat().st_size} bytes")
    return True


if __name__ == "__main__":
    sys.exit(main())
