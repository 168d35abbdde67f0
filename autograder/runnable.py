"""Which cells of a notebook are run when it is graded, and as what.

Cells tagged ``experiment`` are left out, and so are the grade cells of the assignment: what they
say is decided outside. Magics and shell commands are rewritten the way IPython does it; the worker
ignores them with a note.

All this reads a hostile text in the trusted process, with tools that were made for honest ones:
what takes more than linear time is done for texts of a bounded size only.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import io
import re
import symtable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .assignments import Assignment, digest
from .notebook import Notebook, printable
from .report import CellNote, plain
from .worker.host import Cell

__all__ = [
    "RunnableCell",
    "as_checked",
    "bound_names",
    "cell_label",
    "read_names",
    "run_here",
    "runnable_cells",
]

_MAGIC = re.compile(r"^[ \t]*(%|!|\?)|\?[ \t]*$|=[ \t]*[%!]", re.MULTILINE)

MOST_REWRITING = 1_000_000
"""How much is rewritten in one notebook: characters of a cell, times its magics. IPython reads a
cell anew for each of them, and this takes it a second or two."""

MOST_ANALYSED, MOST_IN_A_CELL = 500_000, 50_000
"""Characters of the cells that are parsed here, together and each: Python takes up to a second for
one of the worst kind."""


@dataclass(frozen=True)
class RunnableCell:
    """A cell to run, with its place in the notebook (from 0) and its ``grade_id``."""

    index: int
    grade_id: str
    cell: Cell


def runnable_cells(notebook: Notebook, assignment: Assignment) -> list[RunnableCell]:
    """The code cells to run, in order. A label counts the notebook's code cells from 1."""
    tasks = {task.task for task in assignment.tasks}
    found = []
    number = 0
    room = MOST_REWRITING
    for index, cell in enumerate(notebook.cells):
        if cell.kind != "code":
            continue
        number += 1
        if "experiment" in cell.tags or cell.grade_id in tasks or not cell.source.strip():
            continue
        if not cell.grade_id and digest(cell.source) in assignment.experiments:
            continue  # an editor has thrown its tag away
        source = cell.source
        work = len(source) * sum(1 for _ in _MAGIC.finditer(source))
        if 0 < work <= room:
            room -= work
            source = _plain(source)
        label = cell_label(number, cell.grade_id)
        found.append(RunnableCell(index, cell.grade_id, Cell(label, source)))
    return found


def cell_label(number: int, grade_id: str) -> str:
    """What messages call the code cell ``number``, counted from 1: ``cell 7 (conv_cost-code)``."""
    return f"cell {number} ({printable(grade_id)})" if grade_id else f"cell {number}"


def bound_names(source: str) -> frozenset[str]:
    """The global names that a cell binds; ``*`` stands for a star import. Nothing for a text that
    is not Python."""
    return _names(source, inside=False)


def run_here(entries: Sequence[RunnableCell], file: str) -> tuple[dict[str, Any], list[CellNote]]:
    """Run the cells of one's own notebook in this process, and let them neither print nor draw.

    Gives their globals, and a note for each cell that failed; the others run all the same. ``file``
    names the notebook in tracebacks. For submissions of other people there is the sandbox.
    """
    import matplotlib.pyplot as plt  # slow to import, and a notebook has it already
    import numpy as np

    space: dict[str, Any] = {"__name__": "__main__", "np": np}
    notes = []
    # The pictures of that notebook are not to appear in this one.
    figures, show = plt.get_fignums(), plt.show
    plt.show = lambda *_, **__: None
    for entry in entries:
        label = entry.cell.label
        try:
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                exec(compile(entry.cell.source, f"<{file}, {label}>", "exec"), space)
        except Exception as error:
            message = plain(f"{type(error).__name__}: {error}"[:200])
            notes.append(CellNote(label, "failed", message))
    plt.show = show
    for number in set(plt.get_fignums()) - set(figures):
        plt.close(number)
    return space, notes


def _plain(source: str) -> str:
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        plain: str = TransformerManager().transform_cell(source)
    except Exception:  # it looked like a magic and is not; Python will say what it is
        return source
    return plain


def as_checked(
    notebook: Notebook, entries: Sequence[RunnableCell], task: str
) -> list[RunnableCell] | None:
    """The cells above the check of ``task``, if a cell below replaces a name that functions above
    use; else None.

    The functions of a notebook are called when all of it has run. Where a helper gets another
    meaning later on, or ``from numpy import *`` takes the place of ``sum``, a function may no
    longer do what its author saw it do at its check.
    """
    place = next((i for i, c in enumerate(notebook.cells) if c.grade_id == task), None)
    if place is None or sum(len(entry.cell.source) for entry in entries) > MOST_ANALYSED:
        return None
    above = [entry for entry in entries if entry.index < place]
    below = [entry for entry in entries if entry.index > place]
    used = {name for entry in above for name in _names(entry.cell.source, inside=True)}
    bound = {name for entry in below for name in _names(entry.cell.source, inside=False)}
    return above if "*" in bound or used & bound else None


def read_names(source: str) -> frozenset[str]:
    """The global names that a cell reads, in its functions or outside them. Nothing for a text that
    is not Python."""
    parsed = _parsed(source)
    return frozenset() if parsed is None else frozenset(_read(parsed[0]))


@functools.lru_cache(maxsize=1_000)
def _names(source: str, *, inside: bool) -> frozenset[str]:
    """Global names of a cell: those that its functions read, or (not ``inside``) that it binds.

    ``*`` stands for a star import. Kept, because every task that failed asks for them.
    """
    parsed = _parsed(source)
    if parsed is None:
        return frozenset()
    table, tree = parsed
    if inside:
        return frozenset(name for child in table.get_children() for name in _read(child))
    star = any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for node in tree.body
    )
    bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    return frozenset(bound | ({"*"} if star else set()))


def _parsed(source: str) -> tuple[symtable.SymbolTable, ast.Module] | None:
    """A cell's symbols and its tree; None for what is too long, or not Python."""
    if len(source) > MOST_IN_A_CELL:
        return None
    try:
        return symtable.symtable(source, "<cell>", "exec"), ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # The parser says MemoryError to what is nested too deeply.
        return None


def _read(table: symtable.SymbolTable) -> set[str]:
    names = {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    for child in table.get_children():
        names |= _read(child)
    return names
