"""``autograder check``: the public checks on a notebook's file, once or whenever it is saved."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from .assignments import find
from .command_line import FAILED, OUR_FAULT, PASSED, UNUSABLE, add_isolation, exits
from .exports.html import REFUSED, WEAK, counted, part, points
from .exports.progress import Progress, points_of, progress_text, step_of, step_of_answer
from .exports.text import report_text, task_text, total
from .grading import grade, grade_in_process
from .language import say
from .notebook import UnreadableNotebook, answered, printable, read
from .report import Report
from .worker.host import Sandbox, open_sandbox
from .worker.sandbox import Level

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["add_command"]

LOOK = 1_000
"""Milliseconds after which the file is looked at although nobody said that it was saved: it may
have been saved while it was checked, or lie where the system tells nobody."""

SETTLE = 200
"""Milliseconds to wait for the rest of a save, which often is several writes."""


def add_command(commands: Any) -> None:
    """Add ``check`` to the subparsers ``commands``."""
    check = commands.add_parser(
        "check",
        help="check your own notebook with the public checks",
        description="Run the public checks on a notebook and say what passed.",
        epilog=exits("all checks passed, or --watch was ended with Ctrl-C", "some did not pass"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("notebook", type=Path, help="the notebook, under any name")
    check.add_argument(
        "--task",
        action="append",
        metavar="NAME",
        help="check this task only; may be given several times",
    )
    check.add_argument(
        "--watch",
        action="store_true",
        help="check again whenever the notebook is saved, until Ctrl-C",
    )
    form = check.add_mutually_exclusive_group()
    form.add_argument(
        "--json",
        action="store_true",
        help="print the report as JSON; with --watch a line for each check",
    )
    form.add_argument(
        "--progress", action="store_true", help="print only the map of the assignment"
    )
    add_isolation(check, "process")
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    with _opened(options.isolation) as box:
        if options.watch:
            return _watch(options, box)
        report = _graded(options, box)
        _print(options, report, Console())
    if report.status != "graded":
        return UNUSABLE if report.status == "unreadable" else OUR_FAULT
    return PASSED if all(task.passed for task in report.tasks) else FAILED


def _graded(options: argparse.Namespace, box: Sandbox | None) -> Report:
    if box is None:
        return grade_in_process(options.notebook, tasks=options.task)
    return grade(options.notebook, hidden=False, box=box, tasks=options.task)


@contextmanager
def _opened(weakest: Level) -> Iterator[Sandbox | None]:
    """A sandbox; None on systems that can start no worker."""
    if not hasattr(os, "fork"):
        yield None
        return
    with open_sandbox(weakest) as box:
        if box.level in WEAK:
            Console(stderr=True).print(
                f"autograder: the notebook runs at level {box.level}, which would not hold a "
                "hostile program ('autograder doctor' says more).",
                markup=False,
            )
        yield box


def _watch(options: argparse.Namespace, box: Sandbox | None) -> int:
    """Check whenever the file is another one; ended by Ctrl-C, which is how it is meant to end."""
    from watchfiles import watch

    path: Path = options.notebook
    if not path.parent.is_dir():
        raise ValueError(f"there is no folder {path.parent} in which {path.name} could be saved")
    console = Console()
    before: Report | None = None
    seen: object = ()
    # Not the file but its folder: who saves may put another file in its place.
    changes = watch(
        path.parent,
        watch_filter=lambda _, name: Path(name).name == path.name,
        recursive=False,
        debounce=SETTLE,
        rust_timeout=LOOK,
        yield_on_timeout=True,
    )
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            state = _state(path)
            if state != seen:
                seen = state
                report = _graded(options, box)
                _print_again(options, report, before, console)
                before = report if report.status == "graded" else before
            next(changes)
    return PASSED


def _state(path: Path) -> object:
    """What changes when a file is saved; None while it is not there."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _print_again(
    options: argparse.Namespace, report: Report, before: Report | None, console: Console
) -> None:
    if options.json:
        print(report.to_json(indent=None), flush=True)
        return
    if report.status != "graded":
        # Half written, or being replaced: what was found before still stands.
        text = say("{problem}; it is checked again when it is saved", problem=report.message)
        _print_line(console, text, "yellow")
        return
    if console.is_terminal:
        console.clear()
    _print(options, report, console)
    for line in _news(before, report) if before is not None else ():
        _print_line(console, line, "bold")
    now = time.strftime("%H:%M:%S")
    _print_line(console, say("Checked at {time}. Waiting for a save; Ctrl-C ends.", time=now))


def _print_line(console: Console, text: str, style: str = "") -> None:
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _news(before: Report, now: Report) -> list[str]:
    """What passes and fails otherwise than before, in words."""
    passed = [
        {(task.task, check.title) for task in report.tasks for check in task.checks
         if check.verdict == "passed"}
        for report in (before, now)
    ]  # fmt: skip
    lines = []
    for word, names in (
        (say("Newly passed"), passed[1] - passed[0]),
        (say("No longer passed"), passed[0] - passed[1]),
    ):
        by_task: dict[str, list[str]] = {}
        for report in (now, before):
            for task in report.tasks:
                for check in task.checks:
                    if (task.task, check.title) in names:
                        titles = by_task.setdefault(task.task, [])
                        titles += [check.title] if check.title not in titles else []
        if by_task:
            listed = "; ".join(f"{task}: {', '.join(titles)}" for task, titles in by_task.items())
            lines.append(f"{word}: {listed}")
    if not lines:
        return [say("Nothing has changed since the last check.")]
    change = say(
        "Points: {before} before, {now} now", before=points(before.points), now=points(now.points)
    )
    return [*lines, change]


def _print(options: argparse.Namespace, report: Report, console: Console) -> None:
    if options.json:
        print(report.to_json())
    elif report.status != "graded":
        _print_line(console, report_text(report))
    elif options.progress:
        _print_map(options, report, console)
    elif console.is_terminal:
        console.print(_rich(report, console.width))
        _print_next(options, report, console)
    else:
        _print_line(console, report_text(report))
        _print_next(options, report, console)


def _print_next(options: argparse.Namespace, report: Report, console: Console) -> None:
    if options.task is None:
        advice = _progress(options.notebook, report).advice
        _print_line(console, say("Next: {advice}", advice=advice))


def _print_map(options: argparse.Namespace, report: Report, console: Console) -> None:
    progress = _progress(options.notebook, report)
    if not console.is_terminal:
        _print_line(console, progress_text(progress))
        return
    heads = (
        say("task"),
        say("name"),
        say("difficulty"),
        say("minutes"),
        say("points"),
        say("how far"),
    )
    table = Table("", *heads)
    for step in progress.steps:
        style = "bold" if step is progress.next else ""
        table.add_row(
            f"{'>' if style else ' '} {step.mark}",
            step.task.title,
            step.task.task,
            "★" * step.task.difficulty,
            str(step.task.minutes),
            points_of(step),
            step.state,
            style=style,
        )
    console.print(progress.headline, style="bold", highlight=False)
    console.print(table)
    _print_line(console, say("Next: {advice}", advice=progress.advice))


def _progress(path: Path, report: Report) -> Progress:
    assignment = find(report.assignment)
    found = {task.task: task for task in report.tasks}
    try:
        notebook = read(path)
    except UnreadableNotebook:  # gone since it was graded
        notebook = None
    steps = [
        step_of_answer(task, None if notebook is None else answered(notebook, task.task))
        if task.by_hand
        else step_of(task, found.get(task.task))
        for task in assignment.tasks
    ]
    return Progress(assignment, tuple(steps))


def _rich(report: Report, width: int) -> RenderableType:
    """A report for a terminal: a table of the tasks, then a part for each that went wrong."""
    table = Table(title=f"{printable(report.student)}: {report.assignment}", title_justify="left")
    for name in ("", say("task"), say("name"), say("points"), say("checks")):
        table.add_column(name)
    parts: list[RenderableType] = []
    for task in report.tasks:
        tried = {check.verdict for check in task.checks} != {"not attempted"}
        mark, style = ("✓", "green") if task.passed else ("✗", "red") if tried else ("–", "")
        table.add_row(
            Text(mark, style=style),
            task.title,
            task.task,
            part(points(task.points), points(task.max_points)),
            counted(task) if tried else say("not written yet"),
        )
        if tried and not task.passed:
            # Without a frame, or nobody could copy the call out of it.
            parts.append(Rule(Text(task.title, style="bold"), align="left"))
            parts.append(Text(task_text(task, width=width), no_wrap=True, overflow="fold"))
    notes = [f"{note.cell}: {say(note.status)}\n{note.message}" for note in report.cells]
    if report.refused:
        notes.append("\n".join([say(REFUSED), *(f"    {refused}" for refused in report.refused)]))
    end = total(report)
    if report.isolation in WEAK:
        end += f"\n{say(WEAK[report.isolation])}"
    return Group(table, *map(Text, notes), *parts, Rule(), Text(end, style="bold"))
