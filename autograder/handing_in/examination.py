"""Looking at a notebook before it is handed in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..grading import grade_notebook
from ..notebook import UnreadableNotebook, printable, read_with_outputs, recognise
from ..report import plain
from ..runnable import runnable_cells
from ..worker.host import Cost, Limits, Sandbox
from .cells import saved_cells
from .flaws import HEADINGS, Flaw, Readiness
from .running import flaws_of_run
from .saved import flaws_of_file

__all__ = ["examine"]


def examine(
    path: Path | str,
    box: Sandbox | None,
    *,
    history: Sequence[str] = (),
    limits: Limits | None = None,
) -> Readiness:
    """Look at the notebook at ``path`` as grading will.

    It is run in ``box``, a running sandbox; with None it is read only. ``history`` is what a live
    kernel has run so far, to say where a name that only it knows comes from. Never raises for
    anything that the file holds.
    """
    path = Path(path)
    try:
        notebook, data = read_with_outputs(path)
        assignment = recognise(notebook)
    except UnreadableNotebook as error:
        return Readiness(path, problem=plain(str(error)))
    saved = path.stat().st_mtime
    entries = runnable_cells(notebook, assignment)
    cells = saved_cells(notebook, data, entries)
    flaws = list(flaws_of_file(path, data, assignment, cells, entries))
    report = None
    if box is not None:
        limits = limits or Limits.chosen()
        costs: dict[str, Cost] = {}
        report, results = grade_notebook(
            notebook,
            assignment,
            student=printable(path.stem),
            hidden=False,
            box=box,
            limits=limits,
            seed=0,
            costs=costs,
        )
        if report.status == "graded":
            flaws += flaws_of_run(
                assignment, cells, entries, results, report, costs, limits, history, flaws, path
            )
    return Readiness(path, assignment.name, _in_order(flaws), report, saved=saved)


def _in_order(flaws: Sequence[Flaw]) -> tuple[Flaw, ...]:
    """The weightiest first, then in the order of the notebook, the file itself last; each once."""
    weights = list(HEADINGS)
    last = max((flaw.index for flaw in flaws), default=0) + 1
    return tuple(
        sorted(
            dict.fromkeys(flaws),
            key=lambda f: (weights.index(f.weight), f.index if f.index >= 0 else last),
        )
    )
