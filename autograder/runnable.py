"""Which cells of a notebook are run when it is graded, and as what.

Cells tagged ``experiment`` are left out, and so are the grade cells of the assignment: what they
say is decided outside. Magics and shell commands are rewritten the way IPython does it; the worker
ignores them with a note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .assignments import Assignment
from .notebook import Notebook
from .worker.host import Cell

__all__ = ["RunnableCell", "runnable_cells"]

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
