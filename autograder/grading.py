"""Running the suites on one submission, and the report that comes of it."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from . import rooms
from .assignments import Assignment
from .checks import SuiteError, checks_of
from .notebook import Notebook, UnreadableNotebook, printable, read, recognise
from .pytest_plugin import Ledger
from .report import CellNote, HandGraded, Report, TaskReport, plain
from .runnable import RunnableCell, as_checked, run_here, runnable_cells
from .worker.host import (
    CellResult,
    Cost,
    Limits,
    LiveSubmission,
    Sandbox,
    SandboxedSubmission,
    Submission,
    WorkerFault,
    open_sandbox,
)

__all__ = [
    "SuiteError",
    "check_live",
    "grade",
    "grade_in_process",
    "grade_notebook",
    "has_hidden_checks",
    "run_suites",
    "secret_seed",
]


def has_hidden_checks() -> bool:
    """Whether this is the instructor edition."""
    return (rooms.PACKAGE / "suites" / "hidden").is_dir()


def secret_seed(configured: int | None = None, otherwise: Callable[[], int] | None = None) -> int:
    """The seed of the hidden checks' inputs, the course's secret.

    The environment variable ``AUTOGRADER_SEED``, else ``configured``, else what ``otherwise``
    gives, else a random number that is the same for all that this process grades. Raises
    ``ValueError`` when the variable is not a whole number.
    """
    text = os.environ.get("AUTOGRADER_SEED", "").strip()
    if not text:
        seed = (otherwise or _random_seed)() if configured is None else configured
        return seed % (1 << 63)
    try:
        return int(text) % (1 << 63)
    except ValueError:
        raise ValueError(f"AUTOGRADER_SEED must be a whole number, not {text!r}") from None


@functools.cache
def _random_seed() -> int:
    return secrets.randbits(63)


def run_suites(
    submission: Submission,
    assignment: Assignment,
    hidden: bool,
    seed: int,
    tasks: Collection[str] | None = None,
    *,
    every: Collection[str] = (),
    without: Collection[str] = (),
) -> Ledger:
    """Run the suites of ``assignment`` on ``submission``; what each check found.

    ``tasks`` leaves out the checks of all others, ``without`` those of these names. Of the tasks in
    ``every``, checks that wait for another one are tried too, for what they find alone. Raises
    :class:`SuiteError`.
    """
    if not assignment.tasks and rooms.suite("public", assignment.name) is None:
        return Ledger()  # of an assignment that has test cells of its own
    checks = checks_of(assignment, hidden)
    return checks.run(submission, seed, tasks, every=every, without=without)


def grade(
    path: Path | str,
    *,
    student: str = "",
    hidden: bool | None = None,
    box: Sandbox | None = None,
    limits: Limits | None = None,
    seed: int | None = None,
    tasks: Collection[str] | None = None,
) -> Report:
    """Grade the notebook at ``path`` in a sandbox.

    ``hidden`` says whether hidden checks run too; by default if this edition has them. ``box`` is a
    running sandbox to use, else the strongest that works here is started and ended. ``seed`` makes
    the hidden checks' inputs repeatable (default: :func:`secret_seed`). ``tasks`` leaves out all
    others, and the points of them. Never raises for anything that the file holds: an unreadable one
    gives a report that says so. Raises :class:`~autograder.worker.sandbox.SandboxError` when no
    sandbox is good enough, and ``ValueError`` when one of ``tasks`` is none of the notebook's.
    """
    path = Path(path)
    student = printable(student or path.stem)
    try:
        notebook = read(path)
        assignment = recognise(notebook)
    except UnreadableNotebook as error:
        return _unreadable(path, student, error)
    report, _ = grade_notebook(
        notebook,
        assignment,
        student=student,
        hidden=hidden,
        box=box,
        limits=limits,
        seed=seed,
        tasks=tasks,
    )
    return report


def _unreadable(path: Path, student: str, error: UnreadableNotebook) -> Report:
    message = plain(f"{path}: {error}")
    return Report("", student, "unreadable", "", 0.0, 0.0, message=message, kit=kit())


def grade_notebook(
    notebook: Notebook,
    assignment: Assignment,
    *,
    student: str,
    hidden: bool | None = None,
    box: Sandbox | None = None,
    limits: Limits | None = None,
    seed: int | None = None,
    points: Mapping[str, float] | None = None,
    tasks: Collection[str] | None = None,
    costs: dict[str, Cost] | None = None,
) -> tuple[Report, dict[int, CellResult]]:
    """Grade a notebook that has been read; also return what its cells gave, by their index.

    ``points`` replaces the points of tasks, by name, with those of a course's own source notebook.
    ``tasks`` leaves out all others. Raises ``ValueError`` when one of them is not there.
    ``costs`` is filled with what each cell took, by its label.
    """
    started = time.perf_counter()
    hidden = has_hidden_checks() if hidden is None else hidden
    seed = secret_seed() if seed is None else seed
    entries = runnable_cells(notebook, assignment)
    maximum = _maximum(assignment, tasks, points)
    results: tuple[CellResult, ...] = ()
    problem = ""
    found: tuple[TaskReport, ...] = ()
    level = ""
    with _sandbox(box) as running:
        level = running.level
        with SandboxedSubmission(running, [e.cell for e in entries], limits) as submission:
            try:
                results = submission.run()
                ledger = run_suites(submission, assignment, hidden, seed, tasks)
                found = tuple(
                    _graded_as_checked(
                        task, notebook, assignment, entries, submission, running, seed, hidden
                    )
                    for task in ledger.tasks(maximum)
                )
                problem = _fault(found)
            except (WorkerFault, SuiteError) as error:
                problem = str(error)
            if costs is not None:
                costs.update(submission.costs)
    report = Report(
        assignment=assignment.name,
        student=student,
        status="not graded" if problem else "graded",
        isolation=level,
        points=0.0 if problem else round(sum(task.points for task in found), 2),
        max_points=round(sum(value for _, value in maximum.values()), 2),
        tasks=found,
        by_hand=tuple(
            HandGraded(t.task, t.title, (points or {}).get(t.task, t.points))
            for t in assignment.tasks
            if t.by_hand
        ),
        cells=tuple(
            CellNote(result.label, result.status, plain(result.message))
            for result in results
            if result.status not in ("ok", "not attempted")
        ),
        refused=submission.refused,
        message=plain(problem),
        hidden_checks=hidden,
        seed=hashlib.sha256(str(seed).encode()).hexdigest()[:12] if hidden else "",
        kit=kit(),
        seconds=round(time.perf_counter() - started, 3),
    )
    by_index = {entry.index: result for entry, result in zip(entries, results, strict=False)}
    return report, by_index


def _maximum(
    assignment: Assignment,
    tasks: Collection[str] | None,
    points: Mapping[str, float] | None = None,
) -> dict[str, tuple[str, float]]:
    """Title and points of the tasks that are graded automatically, or of those of ``tasks``."""
    maximum = {
        task.task: (task.title, (points or {}).get(task.task, task.points))
        for task in assignment.tasks
        if not task.by_hand
    }
    if tasks is None:
        return maximum
    unknown = sorted(set(tasks) - set(maximum))
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)}: no task of {assignment.name} that is graded automatically; "
            f"there are {', '.join(maximum)}"
        )
    return {task: value for task, value in maximum.items() if task in tasks}


def _graded_as_checked(
    task: TaskReport,
    notebook: Notebook,
    assignment: Assignment,
    entries: Sequence[RunnableCell],
    submission: SandboxedSubmission,
    box: Sandbox,
    seed: int,
    hidden: bool,
) -> TaskReport:
    """The better of two: ``task`` as it was graded after the whole notebook, and where a later cell
    replaces what it needs, as it stands when the notebook has run down to its check."""
    if task.passed or submission.left <= 0:
        return task
    above = as_checked(notebook, entries, task.task)
    if above is None:
        return task
    limits = replace(submission.limits, total=submission.left)
    with SandboxedSubmission(box, [entry.cell for entry in above], limits) as earlier:
        earlier.run()
        ledger = run_suites(earlier, assignment, hidden, seed, {task.task})
        submission.charge(earlier)
    (again,) = ledger.tasks({task.task: (task.title, task.max_points)})
    return again if again.points > task.points else task


def _fault(tasks: Sequence[TaskReport]) -> str:
    for task in tasks:
        for check in task.checks:
            if check.verdict == "error":
                return f"{task.task}, {check.name}: {check.message}"
    return ""


@contextlib.contextmanager
def _sandbox(box: Sandbox | None) -> Iterator[Sandbox]:
    if box is not None:
        yield box
        return
    with open_sandbox() as own:
        yield own


def check_live(task: str, assignment: Assignment, namespace: dict[str, Any]) -> Report:
    """Run the public checks of ``task`` on the functions of a live kernel's ``namespace``."""
    started = time.perf_counter()
    entry = assignment.task(task)
    problem = ""
    tasks: tuple[TaskReport, ...] = ()
    try:
        ledger = run_suites(LiveSubmission(namespace), assignment, False, 0, [task])
        tasks = ledger.tasks({task: (entry.title, entry.points)})
        problem = _fault(tasks)
    except SuiteError as error:
        problem = str(error)
    return Report(
        assignment=assignment.name,
        student="",
        status="not graded" if problem else "graded",
        isolation=LiveSubmission.isolation,
        points=sum(t.points for t in tasks),
        max_points=entry.points,
        tasks=tasks,
        message=problem,
        kit=kit(),
        seconds=round(time.perf_counter() - started, 3),
    )


def grade_in_process(path: Path | str, tasks: Collection[str] | None = None) -> Report:
    """Run your own notebook in this process, and the public checks on it, or on ``tasks`` alone.

    For systems where no worker can be started. Cells run as by a kernel's "run all", in the folder
    of the notebook. One that never ends is not stopped here. Never raises for what the file holds,
    but ``ValueError`` for a task that is not there.
    """
    started = time.perf_counter()
    path = Path(path)
    student = printable(path.stem)
    try:
        notebook = read(path)
        assignment = recognise(notebook)
    except UnreadableNotebook as error:
        return _unreadable(path, student, error)
    maximum = _maximum(assignment, tasks)
    problem = ""
    found: tuple[TaskReport, ...] = ()
    with contextlib.chdir(path.resolve().parent):
        space, notes = run_here(runnable_cells(notebook, assignment), path.name)
        try:
            found = run_suites(LiveSubmission(space), assignment, False, 0, tasks).tasks(maximum)
            problem = _fault(found)
        except SuiteError as error:
            problem = str(error)
    return Report(
        assignment=assignment.name,
        student=student,
        status="not graded" if problem else "graded",
        isolation=LiveSubmission.isolation,
        points=0.0 if problem else round(sum(task.points for task in found), 2),
        max_points=round(sum(value for _, value in maximum.values()), 2),
        tasks=found,
        by_hand=tuple(HandGraded(t.task, t.title, t.points) for t in assignment.tasks if t.by_hand),
        cells=tuple(notes),
        message=plain(problem),
        kit=kit(),
        seconds=round(time.perf_counter() - started, 3),
    )


def kit() -> str:
    """The version of this kit."""
    try:
        return version("convnet-assignment-kit")
    except PackageNotFoundError:
        return "unknown"
