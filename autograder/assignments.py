"""What an assignment consists of: its tasks, their points, and who grades them.

The lists are generated from the source notebooks and lie beside the public suites, as
``suites/public/<assignment>.json``. What ``course.toml`` says of tasks and points comes on top.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from . import rooms
from .language import say
from .settings import Settings, require_tasks, settings, wrong

__all__ = [
    "CODE_STUB",
    "TEXT_STUB",
    "Assignment",
    "Task",
    "all_assignments",
    "digest",
    "find",
    "whole_assignments",
]

CODE_STUB = (
    'raise NotImplementedError("Nothing is written here yet: put your code in place of this line.")'
)
"""What stands in a released notebook where the source has a solution."""

TEXT_STUB = "*Write your answer here, in place of this line.*"
"""What stands in a released notebook where the source has a model answer and its mark scheme."""


def digest(source: str) -> str:
    """What a cell is known by when its metadata are lost, whatever the ends of its lines are."""
    text = "\n".join(line.rstrip() for line in source.strip().splitlines())
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True)
class Task:
    """One graded function or answer. ``task`` is its name and its cell's ``grade_id``."""

    task: str
    title: str
    points: float
    graded: str
    difficulty: int
    minutes: int

    @property
    def by_hand(self) -> bool:
        return self.graded == "by hand"


@dataclass(frozen=True)
class Assignment:
    """A notebook with its tasks, in the notebook's order."""

    name: str
    notebook: str
    tasks: tuple[Task, ...]
    experiments: frozenset[str] = frozenset()
    """The released cells that are left out at grading, by :func:`digest`."""

    def task(self, name: str) -> Task:
        """The task ``name``; ``KeyError`` if there is none."""
        for task in self.tasks:
            if task.task == name:
                return task
        raise KeyError(name)


@rooms.kept
def all_assignments() -> tuple[Assignment, ...]:
    """Every assignment of this edition and of this course, by name, with the tasks and the points
    that the course has chosen, and titles in its language.

    Raises :class:`~autograder.settings.WrongSetting`.
    """
    whole, chosen = whole_assignments(), settings()
    unknown = sorted(set(chosen.assignments) - {assignment.name for assignment in whole})
    if unknown:
        names = ", ".join(assignment.name for assignment in whole)
        problem = f"there is no such assignment; there are: {names} (new: 'autograder update')"
        raise wrong(chosen, ["assignments", unknown[0]], problem)
    return tuple(_as_chosen(assignment, chosen) for assignment in whole)


@rooms.kept
def whole_assignments() -> tuple[Assignment, ...]:
    """Every assignment with all of its tasks, whatever the course has chosen, by name."""
    found: dict[str, Assignment] = {}
    for path in rooms.files("suites/public", "*.json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        name, tasks = data["assignment"], tuple(Task(**task) for task in data["tasks"])
        experiments = frozenset(data.get("experiments", ()))
        found.setdefault(name, Assignment(name, data["notebook"], tasks, experiments))
    return tuple(found[name] for name in sorted(found))


def _as_chosen(assignment: Assignment, settings: Settings) -> Assignment:
    choices = settings.of(assignment.name)
    names = [task.task for task in assignment.tasks]
    require_tasks(settings, assignment.name, names)
    return replace(
        assignment,
        tasks=tuple(
            replace(
                task,
                title=say(task.title),
                points=choices.points.get(task.task, task.points),
            )
            for task in assignment.tasks
            if choices.tasks is None or task.task in choices.tasks
        ),
    )


def find(name: str) -> Assignment:
    """The assignment ``name``. Raises ``KeyError`` with the names there are."""
    for assignment in all_assignments():
        if assignment.name == name:
            return assignment
    known = ", ".join(a.name for a in all_assignments())
    raise KeyError(f"there is no assignment {name!r}; there are: {known}")
