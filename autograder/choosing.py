"""What ``course.toml`` says of tasks and points, done to a source notebook when it is released."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from .settings import Settings, require_tasks, settings

__all__ = ["ChooseTasks"]


class ChooseTasks(NbGraderPreprocessor):  # type: ignore[misc]
    """Leaves out the cells of tasks that the course does not have, and sets the points of others.

    Of a task that is left out go its text, the cell for its code, its check, and every cell tagged
    ``experiment`` that names its function, with the text above that one, unless it is a heading.
    Of a section (``##``) whose tasks are all left out, only code stays that is no experiment.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Change ``nb`` in place, the source notebook of ``resources["nbgrader"]["assignment"]``.

        Raises :class:`~autograder.settings.WrongSetting` for a task that is none of it.
        """
        choose(nb, resources["nbgrader"]["assignment"], settings())
        # By which the source and its script know each other; students have neither.
        nb.metadata.pop("autograder", None)
        return nb, resources


def choose(nb: NotebookNode, name: str, settings: Settings) -> None:
    """Make ``nb``, a notebook of the assignment ``name``, one with the tasks and points chosen."""
    choices = settings.of(name)
    graded = [_id(cell) for cell in nb.cells if _is_graded(cell)]
    require_tasks(settings, name, graded)
    dropped = set(graded) - set(graded if choices.tasks is None else choices.tasks)
    gone = _empty_sections(nb, dropped)
    for index, cell in enumerate(nb.cells):
        task = _id(cell).removesuffix("-code")
        if task in dropped:
            gone.add(index)
            if index and _begins_a_task(nb.cells[index - 1]):
                gone.add(index - 1)
        elif "experiment" in cell.metadata.get("tags", ()):
            if set(re.findall(r"\w+", cell.source)) & dropped:
                gone.add(index)
                if index and _belongs_to_the_next(nb.cells[index - 1]):
                    gone.add(index - 1)
        elif _id(cell) in choices.points:
            cell.metadata.nbgrader["points"] = choices.points[task]
    nb.cells = [cell for index, cell in enumerate(nb.cells) if index not in gone]


def _empty_sections(nb: NotebookNode, dropped: set[str]) -> set[int]:
    """The cells that go with a section that had tasks and has none any more, by their index."""
    gone: set[int] = set()
    starts = [i for i, cell in enumerate(nb.cells) if _is_text(cell) and cell.source[:3] == "## "]
    for start, end in zip(starts, [*starts[1:], len(nb.cells)], strict=True):
        section = range(start, end)
        tasks = {_id(nb.cells[i]) for i in section if _is_graded(nb.cells[i])}
        if tasks and tasks <= dropped:
            gone |= {i for i in section if not _is_plain_code(nb.cells[i])}
    return gone


def _is_graded(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def _is_plain_code(cell: NotebookNode) -> bool:
    own = "nbgrader" in cell.metadata or "experiment" in cell.metadata.get("tags", ())
    return bool(cell.cell_type == "code" and not own)


def _id(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _begins_a_task(cell: NotebookNode) -> bool:
    """Whether a text is that of one task: it begins with a heading of the third level or lower."""
    return _is_text(cell) and re.match(r"#{3,6} ", cell.source) is not None


def _belongs_to_the_next(cell: NotebookNode) -> bool:
    """Whether a text is about the cell below it: it begins with no heading."""
    return _is_text(cell) and re.match(r"#{1,6} ", cell.source) is None


def _is_text(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "markdown" and "nbgrader" not in cell.metadata)
