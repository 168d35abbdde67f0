"""Grading one submission in whatever process gets it: what goes there, and what comes back."""

from __future__ import annotations

import atexit
import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing import util

from .. import rooms
from ..assignments import Assignment, find
from ..grading import grade_notebook, has_hidden_checks, kit
from ..notebook import Notebook
from ..report import Report, plain
from ..runnable import runnable_cells
from ..worker.host import CellResult, Sandbox, open_sandbox
from ..worker.sandbox import Level, SandboxError

__all__ = [
    "Done",
    "Job",
    "as_taught",
    "do",
    "fingerprint",
    "graded_code",
    "kit_digest",
    "not_graded",
    "own_sandbox",
]


@dataclass(frozen=True)
class Job:
    """A notebook to grade. ``points`` are those of a course's own source, where it has any; tasks
    that it leaves out are not graded."""

    student: str
    assignment: str
    notebook: Notebook
    seed: int
    weakest: Level = "landlock"
    points: Mapping[str, float] | None = None
    fingerprint: str = ""
    attempts: int = 0


@dataclass(frozen=True)
class Done:
    """A finished job: the report, the code it is about, and what its cells gave, in order."""

    report: Report
    code: str = ""
    cells: tuple[CellResult, ...] = field(default=(), compare=False)


def do(job: Job) -> Done:
    """Grade. Needs nothing but the installed kit; raises nothing that a submission could cause."""
    assignment = as_taught(find(job.assignment), job.points)
    with _one_at_a_time:
        try:
            box = own_sandbox(job.weakest)
        except SandboxError as error:
            return Done(not_graded(job, str(error)))
        report, results = grade_notebook(
            job.notebook,
            assignment,
            student=job.student,
            box=box,
            seed=job.seed,
            points=job.points,
        )
    report = replace(report, fingerprint=job.fingerprint)
    cells = tuple(result for _, result in sorted(results.items()))
    return Done(report, graded_code(job.notebook, assignment), cells)


def as_taught(assignment: Assignment, points: Mapping[str, float] | None) -> Assignment:
    """``assignment`` with the tasks only that a course has points for."""
    if points is None:
        return assignment
    tasks = tuple(task for task in assignment.tasks if task.task in points)
    return replace(assignment, tasks=tasks)


_one_at_a_time = threading.Lock()
"""Running pytest redirects what the whole process prints, and a cluster's workers have threads."""


_sandboxes: dict[Level, Sandbox] = {}


def own_sandbox(weakest: Level = "landlock") -> Sandbox:
    """The sandbox of this process, started when it is first asked for."""
    if weakest not in _sandboxes:
        _sandboxes[weakest] = open_sandbox(weakest)
        atexit.register(_put_away)
        util.Finalize(None, _put_away, exitpriority=10)  # processes of a pool end without atexit
    return _sandboxes[weakest]


def _put_away() -> None:
    """End this process's sandboxes and remove their folders."""
    while _sandboxes:
        _sandboxes.popitem()[1].close()


def graded_code(notebook: Notebook, assignment: Assignment) -> str:
    """The code that is run, each cell under its label, for people and for comparing."""
    return "\n\n".join(
        f"# {entry.cell.label}\n{entry.cell.source}"
        for entry in runnable_cells(notebook, assignment)
    )


def fingerprint(
    notebook: Notebook,
    assignment: Assignment,
    seed: int,
    points: Mapping[str, float] | None = None,
) -> str:
    """What a report depends on, in one short text: the code that is run, the checks, the kit, the
    seed and the points. Two gradings with the same fingerprint give the same report but for times.
    """
    cells = [
        (e.grade_id, e.cell.label, e.cell.source) for e in runnable_cells(notebook, assignment)
    ]
    own = {t.task: t.points for t in assignment.tasks}
    changed = {k: v for k, v in sorted((points or {}).items()) if own.get(k) != v}
    parts = [kit_digest(), assignment.name, [t.task for t in assignment.tasks], changed]
    text = json.dumps([*parts, str(seed) if has_hidden_checks() else "", cells])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@rooms.kept
def kit_digest() -> str:
    """Changes with every file that grading reads, of the kit and of the course: code, stored
    vectors, lists, settings, messages."""
    digest = hashlib.sha256(kit().encode())
    course = rooms.course()
    files = [(root, path) for root in rooms.roots() for path in sorted(root.rglob("*"))]
    files += [(course, course / rooms.FILE)] if course is not None else []
    for root, path in files:
        if path.suffix in (".py", ".json", ".npz", ".toml", ".po") and path.is_file():
            content = hashlib.sha256(path.read_bytes()).digest()
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + content)
    return digest.hexdigest()


def not_graded(job: Job, problem: str) -> Report:
    """The report of a job that failed through the kit's or the machine's fault."""
    assignment = as_taught(find(job.assignment), job.points)
    automatic = [task for task in assignment.tasks if not task.by_hand]
    maximum = sum((job.points or {}).get(task.task, task.points) for task in automatic)
    return Report(
        assignment=job.assignment,
        student=job.student,
        status="not graded",
        isolation="",
        points=0.0,
        max_points=round(maximum, 2),
        message=plain(problem),
        hidden_checks=has_hidden_checks(),
        kit=kit(),
    )
