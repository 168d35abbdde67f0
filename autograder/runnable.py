"""Which cells of a notebook are run when it is graded, and as what.

Cells tagged ``experiment`` are left out, and so are the grade cells of the assignment: what they
say is decided outside. Magics and shell commands are rewritten the way IPython does it; the worker
ignores them with a note.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Sequence
from dataclasses import dataclass

from .assignments import Assignment
from .notebook import Notebook
from .worker.host import Cell

__all__ = ["RunnableCell", "as_checked", "runnable_cells"]

_MAGIC = re.compile(r"^\s*(%|!|\?)|\?\s*$|=\s*[%!]", re.MULTILINE)


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
    for index, cell in enumerate(notebook.cells):
        if cell.kind != "code":
            continue
        number += 1
        if "experiment" in cell.tags or cell.grade_id in tasks or not cell.source.strip():
            continue
        name = f"cell {number}"
        if cell.grade_id:
            name += f" ({cell.grade_id})"
        found.append(RunnableCell(index, cell.grade_id, Cell(name, _plain(cell.source))))
    return found


def _plain(source: str) -> str:
    if not _MAGIC.search(source):
        return source
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
    if place is None:
        return None
    above = [entry for entry in entries if entry.index < place]
    below = [entry for entry in entries if entry.index > place]
    used = {name for entry in above for name in _names(entry.cell.source, inside=True)}
    bound = {name for entry in below for name in _names(entry.cell.source, inside=False)}
    return above if "*" in bound or used & bound else None


def _names(source: str, *, inside: bool) -> set[str]:
    """Global names of a cell: those that its functions read, or (not ``inside``) that it binds.

    ``*`` stands for a star import.
    """
    try:
        table = symtable.symtable(source, "<cell>", "exec")
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    if inside:
        return {name for child in table.get_children() for name in _read(child)}
    star = any(
        isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
        for node in tree.body
    )
    bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    return bound | ({"*"} if star else set())


def _read(table: symtable.SymbolTable) -> set[str]:
    names = {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    for child in table.get_children():
        names |= _read(child)
    return names
