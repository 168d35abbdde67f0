"""Where a name comes from that the live kernel knows and a clean run does not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..report import plain
from ..runnable import bound_names
from ..worker.host import CellResult
from .cells import SavedCell

__all__ = ["Origin", "origin_of"]

_FIRST_CELL = {
    "contextmanager": "from contextlib import contextmanager",
    "np": "import numpy as np",
    "plt": "import matplotlib.pyplot as plt",
    "check": "from autograder import check",
    "datasets": "from autograder import datasets",
    "race": "from autograder import race",
    "my_layers": "from autograder import my_layers",
}
"""What the first cell of the course's notebooks imports."""


@dataclass(frozen=True)
class Origin:
    """Why a name is missing, and what to do. ``follows`` says that another cell's flaw, which is
    told on its own, is the reason."""

    means: str
    todo: str
    follows: bool = False


def origin_of(
    name: str,
    user: SavedCell,
    cells: Sequence[SavedCell],
    results: Mapping[int, CellResult],
    history: Sequence[str],
    *,
    called: bool = False,
) -> Origin:
    """Why ``user`` does not find ``name``.

    ``results`` are those of the cells that ran, by index; ``history`` what a live kernel has run.
    ``called`` says that a check called the function, when all cells had run.
    """
    homes = [cell for cell in cells if _binds(cell, name)]
    run = [cell for cell in homes if cell.index in results]
    for cell in run:
        if results[cell.index].status != "ok" and (called or cell.index < user.index):
            return Origin(
                f"{cell.label} defines {name}, and that cell fails itself.",
                f"Mend {cell.label} first.",
                follows=True,
            )
    for cell in run:
        if cell.index > user.index and not called:
            return Origin(
                f"{name} is defined further down, in {cell.label}. Grading runs from top to "
                "bottom, so it is not there yet.",
                f"Move {cell.label} above this cell (or this one below it).",
            )
    if user in run and not called:
        return Origin(
            f"{name} is defined in this very cell, after it is used.",
            f"Define {name} before the line that uses it.",
        )
    for cell in homes:
        if cell.index in results:
            continue
        follows = False
        if cell.kind != "code":
            why, todo = f"is a {cell.kind} cell now", f"Make {cell.label} a code cell (Esc, Y)."
        elif cell.is_experiment:
            why = "has the tag “experiment”"
            todo = f"Define {name} in a cell without that tag."
        else:
            why, follows = "is a check cell", True
            todo = f"Move the definition of {name} into a cell of its own above."
        means = f"{cell.label} defines {name}, but {why}, and grading does not run it."
        return Origin(means, todo, follows)
    if name in _FIRST_CELL:
        return Origin(
            f"The first cell of the notebook imports {name}; that line is gone or was changed.",
            f"Write {_FIRST_CELL[name]} in the first code cell.",
        )
    number, lost = _ran(name, cells, history)
    if lost:
        return Origin(
            f"Only your running kernel knows {name}: you ran its definition as [{number}], and "
            "that cell was deleted or changed since.",
            f"print(In[{number}]) shows what it was (“{_first(lost)}”); put it back into a cell "
            "above this one.",
        )
    known = {other for cell in cells if cell.index in results for other in cell.names}
    close = difflib.get_close_matches(name, sorted(known), 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return Origin(
        f"No cell of this notebook defines {name}. If it works for you, your kernel remembers it "
        "from a cell that you deleted or changed.",
        f"Define {name} in a cell above this one.{hint}",
    )


def _binds(cell: SavedCell, name: str) -> bool:
    """Whether a cell binds ``name``, or would if it were code."""
    if cell.kind == "code":
        return name in cell.names
    word = re.escape(name)
    pattern = rf"^[ \t]*(?:(?:def|class)[ \t]+{word}\b|{word}[ \t]*=[^=])"
    return re.search(pattern, cell.source, re.MULTILINE) is not None


def _ran(name: str, cells: Sequence[SavedCell], history: Sequence[str]) -> tuple[int, str]:
    """Which execution bound ``name`` last, and its source, if the notebook does not hold it."""
    held = {cell.source.strip() for cell in cells}
    for number in range(len(history) - 1, 0, -1):
        source = history[number]
        if source.strip() not in held and name in bound_names(source):
            return number, source
    return 0, ""


def _first(source: str) -> str:
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return plain(line)[:60]
