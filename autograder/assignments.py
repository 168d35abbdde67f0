"""What an assignment consists of: its tasks, their points, and who grades them.

The lists are generated from the source notebooks and lie beside the public suites, as
``suites/public/<assignment>.json``.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CODE_STUB", "TEXT_STUB", "Assignment", "Task", "all_assignments", "find"]

CODE_STUB = (
    'raise NotImplementedError("Nothing is written here yet: put your code in place of this line.")'
)
"""What stands in a released notebook where the source has a solution."""

TEXT_STUB = "*Write your answer here, in place of this line.*"
"""What stands in a released notebook where the source has a model answer and its mark scheme."""

FOLDER = Path(__file__).with_name("suites") / "public"


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

    def task(self, name: str) -> Task:
        """The task ``name``; ``KeyError`` if there is none."""
        for task in self.tasks:
            if task.task == name:
                return task
        raise KeyError(name)


@functools.cache
def all_assignments() -> tuple[Assignment, ...]:
    """Every assignment of this edition, by name."""
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        tasks = tuple(Task(**task) for task in data["tasks"])
        found.append(Assignment(data["assignment"], data["notebook"], tasks))
    return tuple(found)


def find(name: str) -> Assignment:
    """The assignment ``name``. Raises ``KeyError`` with the names there are."""
    for assignment in all_assignments():
        if assignment.name == name:
            return assignment
    known = ", ".join(a.name for a in all_assignments())
    raise KeyError(f"there is no assignment {name!r}; there are: {known}")
