"""The command ``autograder grade``: one submission or a class of thousands."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from ..assignments import find as find_assignment
from ..command_line import FAILED, OUR_FAULT, PASSED, UNUSABLE, add_isolation, exits
from ..exports.html import WEAK, points
from ..exports.text import report_text
from ..grading import has_hidden_checks, kit, secret_seed
from ..notebook import printable
from ..report import Report, plain
from ..settings import settings
from ..worker.host import open_sandbox
from .course import Course, course_of
from .pool import LocalProcesses, Place, run
from .store import Results
from .submissions import Found, HandedIn, find
from .work import Done, Job, as_taught, do, fingerprint

__all__ = ["add_command"]

MOST_ROWS = 40
"""Submissions that are still listed one by one in the terminal."""

_DESCRIPTION = """\
Grade submissions with the public and the hidden checks.

Takes notebooks, folders (nbgrader's layout, one folder a student, or one file a student), and the
archives that Canvas, Moodle and Gradescope export. A folder or an archive is graded into --out: a
report each, written as it is finished. The same command again goes on where it was stopped, and
grades only what has changed: submissions, checks, the kit, or the secret seed."""


def add_command(commands: Any) -> None:
    """Add ``grade`` to the subcommands of ``autograder``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "grade",
        help="grade submissions with all checks",
        description=_DESCRIPTION,
        epilog=exits("graded", "graded, and one is under --fail-under"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sources", type=Path, nargs="+", metavar="NOTEBOOK|FOLDER|ARCHIVE")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="the folder of results (default: 'results' in the course's folder or here; notebooks "
        "named one by one are printed only)",
    )
    parser.add_argument(
        "--student", action="append", default=[], metavar="NAME", help="only these; * is any text"
    )
    parser.add_argument(
        "--force", action="store_true", help="grade again what has not changed, too"
    )
    parser.add_argument(
        "--only-failed", action="store_true", help="leave alone what has full marks already"
    )
    parser.add_argument(
        "--jobs",
        type=_count,
        default=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        metavar="N",
        help="submissions at once (default: all cores, %(default)s)",
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="grade on this Dask cluster, as tcp://host:8786"
    )
    parser.add_argument(
        "--nbgrader", action="store_true", help="put the scores into the course's gradebook, too"
    )
    parser.add_argument("--json", action="store_true", help="print the reports as a JSON list")
    parser.add_argument(
        "--fail-under", type=_percent, metavar="PERCENT", help="exit 1 if one has fewer points"
    )
    parser.add_argument("--details", action="store_true", help="print every message")
    add_isolation(parser, settings().isolation)
    parser.set_defaults(run=_grade)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage from 0 to 100")
    return value


def _count(text: str) -> int:
    value = int(text) if text.isdigit() else 0
    if not 1 <= value <= 1_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 1000")
    return value


@dataclass(frozen=True)
class _Row:
    """What is kept in memory of a report."""

    student: str
    assignment: str
    status: str
    points: float
    max_points: float
    isolation: str
    remark: str
    new: bool

    @classmethod
    def of(cls, report: Report, new: bool) -> _Row:
        lost = [
            f"{task.task} {points(task.points)}/{points(task.max_points)}"
            for task in report.tasks
            if not task.passed
        ]
        if len(lost) > 4:
            lost[3:] = [f"and {len(lost) - 3} more"]
        remark = report.message or ", ".join(lost)
        return cls(
            report.student,
            report.assignment,
            report.status,
            report.points,
            report.max_points,
            report.isolation,
            printable(remark)[:200],
            new,
        )

    @property
    def full(self) -> bool:
        return self.status == "graded" and self.points >= self.max_points


def _grade(options: argparse.Namespace) -> int:
    console = Console(stderr=True)
    course = course_of(options.sources[0]) if len(options.sources) == 1 else None
    if options.nbgrader and course is None:
        raise ValueError(
            f"--nbgrader: {options.sources[0]} is no nbgrader course (it has no nbgrader_config.py)"
        )
    results = _results(options, course)
    with contextlib.ExitStack() as stack:
        if results is not None:
            results.prepare()
            stack.enter_context(results.locked())
        found = find(options.sources, stack.enter_context(_scratch(results)))
        for remark in found.remarks:
            console.print(f"left out: {remark}", markup=False, soft_wrap=True)
        found = _chosen(found, options.student)
        if results is not None:
            results.write_students(found.students)
        seed = secret_seed(course.seed if course else None, results.seed if results else None)
        batch = _Batch(options, results, seed, found, course)
        try:
            batch.run(console)
        finally:
            if results is not None:
                results.write_table()
        if options.nbgrader and course is not None:
            course.fill_gradebook(batch.new, batch.old, console)
    _print(options, results, batch)
    return _code(batch.rows, options.fail_under)


@contextlib.contextmanager
def _scratch(results: Results | None) -> Iterator[Path]:
    """A folder for what archives hold. One that a killed command left is removed."""
    if results is None:
        yield Path(os.devnull)  # notebooks that are named one by one need none
        return
    prefix = ".submissions-"
    for left in results.path.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        prefix=prefix, dir=results.path, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def _results(options: argparse.Namespace, course: Course | None) -> Results | None:
    if options.out is not None:
        return Results(options.out)
    if course is not None:
        return Results(course.results)
    if all(source.suffix == ".ipynb" and not source.is_dir() for source in options.sources):
        return None
    return Results(Path("results"))


def _chosen(found: Found, patterns: Sequence[str]) -> Found:
    if not patterns:
        return found
    chosen = [
        entry
        for entry in found.handed_in
        if any(
            fnmatchcase(name, pattern)
            for pattern in patterns
            for name in (entry.student.id, entry.student.name, entry.student.email)
        )
    ]
    if not chosen:
        some = ", ".join(entry.student.id for entry in found.handed_in[:8])
        raise ValueError(f"nobody is named {' or '.join(patterns)}; there are: {some}, …")
    return Found(chosen)


class _Batch:
    """One run of the command over all that was found."""

    def __init__(
        self,
        options: argparse.Namespace,
        results: Results | None,
        seed: int,
        found: Found,
        course: Course | None,
    ) -> None:
        self._options = options
        self._results = results
        self._seed = seed
        self._found = found
        self._course = course
        self._points: dict[str, Mapping[str, float] | None] = {}
        self._progress = Progress()
        self._bar = TaskID(0)
        self._lost = self._bad = 0
        self.rows: list[_Row] = []
        self.reports: list[Report] = []

    @property
    def new(self) -> list[tuple[str, str]]:
        """Assignment and student of what was graded by this run."""
        return [(row.assignment, row.student) for row in self.rows if row.new]

    @property
    def old(self) -> list[tuple[str, str]]:
        """Assignment and student of what had been graded before."""
        return [(row.assignment, row.student) for row in self.rows if not row.new]

    def run(self, console: Console) -> None:
        """Grade what needs it; show how far it is."""
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[counts]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        with self._progress:
            self._bar = self._progress.add_task(
                "grading", total=len(self._found.handed_in), counts=""
            )
            jobs = self._jobs()
            few = list(itertools.islice(jobs, 2))
            if not few:
                return
            if self._options.scheduler is None:
                self._try_sandbox(console)
                if len(few) == 1:  # that needs no other process
                    self._done(do(few[0]))
                    return
            run(itertools.chain(few, jobs), self._place(), self._done)

    def _try_sandbox(self, console: Console) -> None:
        """Raises :class:`~autograder.worker.sandbox.SandboxError` here, and not in every process;
        warns of a weak one."""
        with open_sandbox(self._options.isolation) as box:
            level = box.level
        if level in WEAK:
            console.print(
                f"autograder: the notebooks run at level {level}, which would not hold a hostile "
                "program ('autograder doctor' says more).",
                markup=False,
            )

    def _place(self) -> Place:
        if self._options.scheduler is None:
            return LocalProcesses(min(self._options.jobs, len(self._found.handed_in)))
        from .cluster import DaskCluster

        return DaskCluster(self._options.scheduler)

    def _jobs(self) -> Iterator[Job]:
        for entry in self._found.handed_in:
            notebooks = entry.notebooks()
            if len(notebooks) > 1:
                total = self._progress.tasks[0].total or 0
                self._progress.update(self._bar, total=total + len(notebooks) - 1)
            for name, notebook, problem in notebooks:
                if notebook is None:
                    self._done(Done(_unreadable(entry, name, problem)), new=True)
                    continue
                job = Job(
                    entry.student.id,
                    name,
                    notebook,
                    self._seed,
                    self._options.isolation,
                    self._points_of(name),
                )
                assignment = as_taught(find_assignment(name), job.points)
                mark = fingerprint(notebook, assignment, self._seed, job.points)
                kept = self._kept(name, entry.student.id, mark)
                if kept is not None:
                    self._count(kept, new=False)
                else:
                    yield replace(job, fingerprint=mark)

    def _points_of(self, assignment: str) -> Mapping[str, float] | None:
        if assignment not in self._points and self._course is not None:
            self._points[assignment] = self._course.points(assignment)
        return self._points.get(assignment)

    def _kept(self, assignment: str, student: str, mark: str) -> Report | None:
        """The report of an earlier run, if it may stay."""
        if self._results is None:
            return None
        if self._options.only_failed:
            report = self._results.find(assignment, student)
            full = report is not None and _Row.of(report, new=False).full
            return report if full else None
        if self._options.force:
            return None
        return self._results.current(assignment, student, mark, self._options.isolation)

    def _done(self, done: Done, *, new: bool = True) -> None:
        if self._results is not None:
            self._results.write(done, outputs=True)
        self._count(done.report, new)

    def _count(self, report: Report, new: bool) -> None:
        self.rows.append(_Row.of(report, new))
        if self._results is None:
            self.reports.append(report)
        self._lost += report.status == "graded" and not self.rows[-1].full
        self._bad += report.status != "graded"
        counts = f"{self._lost} lost points" + (f", {self._bad} not graded" if self._bad else "")
        self._progress.update(self._bar, advance=1, counts=counts)
        console, done = self._progress.console, len(self.rows)
        if not console.is_terminal and (done == 20 or done % 100 == 0):
            total = int(self._progress.tasks[0].total or 0)
            console.print(f"{done} of {total} graded; {counts}", highlight=False)


def _unreadable(entry: HandedIn, assignment: str, problem: str) -> Report:
    where = entry.files[0].name if len(entry.files) == 1 else ""
    message = f"{printable(where)}: {problem}" if where else problem
    tasks = find_assignment(assignment).tasks if assignment else ()
    return Report(
        assignment=assignment,
        student=entry.student.id,
        status="unreadable",
        isolation="",
        points=0.0,
        max_points=round(sum(task.points for task in tasks if not task.by_hand), 2),
        message=plain(message),
        kit=kit(),
    )


def _print(options: argparse.Namespace, results: Results | None, batch: _Batch) -> None:
    def reports() -> Iterator[Report]:
        if results is None:
            yield from batch.reports
        else:
            for row in batch.rows:
                report = results.find(row.assignment, row.student)
                if report is not None:
                    yield report

    if options.json:
        print(json.dumps([json.loads(report.to_json()) for report in reports()], indent=2))
        return
    console = Console()
    if len(batch.rows) == 1 or options.details:
        for report in reports():
            if len(batch.rows) > 1:
                console.rule(printable(report.student))
            console.print(report_text(report), markup=False, highlight=False, soft_wrap=True)
    if len(batch.rows) > 1:
        rows = sorted(batch.rows, key=lambda row: (row.assignment, row.student.casefold()))
        if len(rows) > MOST_ROWS:
            _print_summary(console, rows)
            rows = [row for row in rows if row.status != "graded"][:MOST_ROWS]
        if rows:
            console.print(_table(rows))
    if results is not None:
        old = len(batch.old)
        said = f"; {old} had not changed and were kept" if old else ""
        console.print(f"{len(batch.new)} graded{said}. The reports are in {results.path}.")
    if not has_hidden_checks():
        console.print("This is the student edition: only the public checks were run.")


def _table(rows: Sequence[_Row]) -> Table:
    several = len({row.assignment for row in rows if row.assignment}) > 1
    table = Table("submission", *(["assignment"] if several else []), "status", "points", "of")
    table.add_column("sandbox")
    table.add_column("remark")
    for row in rows:
        table.add_row(
            printable(row.student),
            *([row.assignment] if several else []),
            row.status,
            points(row.points),
            points(row.max_points),
            row.isolation,
            row.remark,
        )
    return table


def _print_summary(console: Console, rows: Sequence[_Row]) -> None:
    table = Table("assignment", "submissions", "full marks", "lost points", "not graded", "points")
    for name in sorted({row.assignment for row in rows}):
        mine = [row for row in rows if row.assignment == name]
        graded = [row for row in mine if row.status == "graded"]
        full = sum(row.full for row in graded)
        spread = "–"
        if len(graded) > 1:
            low, middle, high = statistics.quantiles([row.points for row in graded], n=4)
            spread = f"median {points(middle)} ({points(low)} to {points(high)})"
            spread += f" of {points(max(row.max_points for row in graded))}"
        table.add_row(
            name or "unknown",
            str(len(mine)),
            str(full),
            str(len(graded) - full),
            str(len(mine) - len(graded)),
            spread,
        )
    console.print(table)


def _code(rows: Sequence[_Row], bar: float | None) -> int:
    if any(row.status == "not graded" for row in rows):
        return OUR_FAULT
    if any(row.status == "unreadable" for row in rows):
        return UNUSABLE
    if bar is not None and any(row.points < bar / 100 * row.max_points for row in rows):
        return FAILED
    return PASSED
