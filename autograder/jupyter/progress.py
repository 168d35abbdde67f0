"""``progress()``: the map of the assignment whose notebook is open."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..assignments import Assignment, Task, all_assignments, find
from ..exports.progress import (
    Progress,
    Step,
    progress_html,
    progress_text,
    step_of,
    step_of_answer,
)
from ..grading import check_live
from ..language import say
from ..notebook import Notebook, UnreadableNotebook, answered, read, recognise
from ..report import Report, TaskReport

__all__ = ["Map", "progress", "remember"]

_CHECKED: dict[str, tuple[TaskReport, Any]] = {}
"""The last check of each task in this kernel, and the function that was checked."""


def remember(report: Report, namespace: Mapping[str, Any]) -> None:
    """Keep what a check of this kernel found, for the map."""
    if report.status == "graded":
        for task in report.tasks:
            _CHECKED[task.task] = (task, namespace.get(task.task))


class Map:
    """What :func:`progress` returns: a table in a notebook, lines of text elsewhere."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def __repr__(self) -> str:
        return progress_text(self.progress)

    def _repr_html_(self) -> str:
        return progress_html(self.progress)


def progress(assignment: str = "", *, run: bool = False) -> Map:
    """The tasks of an assignment in order, points so far by the public checks, and what is next.

    ``assignment`` is a name such as ``"convolution"``; by default it is the one whose functions
    this notebook defines. Uses what ``check`` found since the kernel was started; ``run=True`` runs
    all public checks first, which takes up to a minute where speed is measured. Whether written
    answers are filled in is read from the notebook's file, as it was last saved.

    Raises ``ValueError`` where no assignment of that name is there, or none can be told.
    """
    namespace: dict[str, Any] = sys._getframe(1).f_globals
    chosen = _named(assignment) if assignment else _inferred(namespace)
    if run:
        for task in chosen.tasks:
            if not task.by_hand:
                remember(check_live(task.task, chosen, namespace), namespace)
    saved = _saved(chosen, namespace)
    return Map(Progress(chosen, tuple(_step(task, saved, namespace) for task in chosen.tasks)))


def _named(name: str) -> Assignment:
    try:
        return find(name)
    except KeyError as error:
        raise ValueError(error.args[0]) from None


def _inferred(namespace: Mapping[str, Any]) -> Assignment:
    def count(assignment: Assignment) -> int:
        return sum(
            callable(namespace.get(task.task)) or task.task in _CHECKED for task in assignment.tasks
        )

    best = max(all_assignments(), key=count)
    if count(best) == 0:
        names = ", ".join(repr(a.name) for a in all_assignments())
        raise ValueError(
            say(
                "no task of an assignment is defined here yet: run the cells above, or name the "
                "assignment, as in progress('{best}'); there are {names}",
                best=best.name,
                names=names,
            )
        )
    return best


def _step(task: Task, saved: Notebook | None, namespace: Mapping[str, Any]) -> Step:
    if task.by_hand:
        return step_of_answer(task, answered(saved, task.task) if saved is not None else None)
    report, function = _CHECKED.get(task.task, (None, None))
    return step_of(task, report, changed=namespace.get(task.task) is not function)


def _saved(assignment: Assignment, namespace: Mapping[str, Any]) -> Notebook | None:
    """The notebook's file, where it can be told which one it is.

    A kernel does not know. VS Code says it in a variable, Jupyter's server in the environment;
    else it is the file of the usual name beside the kernel.
    """
    told = (namespace.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME"))
    places = [Path(path) for path in told if isinstance(path, str) and path]
    for path in (*places, Path(assignment.notebook)):
        try:
            notebook = read(path)
            if recognise(notebook) == assignment:
                return notebook
        except UnreadableNotebook:
            continue
    return None
