"""What students use inside a notebook."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from typing import Any

from ..assignments import all_assignments
from ..exports.html import points, report_html, task_html
from ..exports.text import report_text, task_text
from ..grading import check_live
from ..language import say
from ..report import Report
from .progress import remember

__all__ = ["Outcome", "check"]


class Outcome:
    """What :func:`check` returns: rich in a notebook, and a number of points in plain text.

    nbgrader reads the number; people read the rest (``print(outcome.text)`` in a terminal).
    """

    def __init__(self, report: Report, footer: str) -> None:
        self.report = report
        self._footer = footer

    def __repr__(self) -> str:
        return points(self.report.points)

    def __float__(self) -> float:
        return self.report.points

    @property
    def text(self) -> str:
        """The outcome in words."""
        if self.report.status != "graded":
            return report_text(self.report)
        return "\n".join(task_text(task, self._footer) for task in self.report.tasks)

    def _repr_html_(self) -> str:
        if self.report.status != "graded":
            return report_html(self.report)
        return "".join(task_html(task, footer=self._footer) for task in self.report.tasks)


def check(task: str) -> Outcome:
    """Run the public checks of ``task`` on the functions of this notebook.

    Shows what passed, what failed and why. Raises ``ValueError`` for a name that is no task.
    """
    known = {t.task: a for a in all_assignments() for t in a.tasks if not t.by_hand}
    if task not in known:
        close = difflib.get_close_matches(str(task), known, 3)
        if close:
            meant = say("{task!r} is no task; did you mean {names}?", task=task, names=_or(close))
        else:
            meant = say("{task!r} is no task; tasks are {names}", task=task, names=", ".join(known))
        raise ValueError(meant)
    namespace: dict[str, Any] = sys._getframe(1).f_globals
    report = check_live(task, known[task], namespace)
    remember(report, namespace)
    return Outcome(report, _next_step(report, task, known[task].tasks))


def _or(names: Sequence[str]) -> str:
    first, *rest = names
    for name in rest:
        first = say("{one} or {other}", one=first, other=name)
    return first


def _next_step(report: Report, task: str, tasks: Any) -> str:
    if report.status != "graded" or not report.tasks:
        return ""
    if not report.tasks[0].passed:
        verdicts = {check.verdict for check in report.tasks[0].checks}
        if verdicts == {"not attempted"}:
            return say("Write the function in the cell above, run it, then run this cell again.")
        return say("Change the cell above, run it, then run this cell again.")
    names = [t.task for t in tasks if not t.by_hand]
    later = names[names.index(task) + 1 :]
    if not later:
        return say("Done. That was the last task.")
    return say("Done. Next task: {task}.", task=later[0])
