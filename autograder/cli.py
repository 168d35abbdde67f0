"""The command ``autograder``: ``check`` for students, ``grade``, ``export``, ``report`` and
``audit`` for instructors, ``doctor`` for everyone.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .command_line import FAILED, INTERRUPTED, OUR_FAULT, PASSED, UNUSABLE, add_isolation, exits
from .doctor import Examination, LevelResult, examine
from .exports.html import WEAK
from .exports.text import report_text
from .files import CannotWrite
from .grading import grade, grade_in_process, has_hidden_checks, kit
from .report import Report
from .worker.host import Sandbox, open_sandbox
from .worker.sandbox import Level, SandboxError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        with _ends_in_order():
            code: int = options.run(options)
    except KeyboardInterrupt:
        Console(stderr=True).print("autograder: interrupted; what was finished is kept")
        return INTERRUPTED
    except (CannotWrite, SandboxError) as error:
        Console(stderr=True).print(f"autograder: {error}", markup=False, soft_wrap=True)
        return OUR_FAULT
    except ValueError as error:
        Console(stderr=True).print(f"autograder: {error}", markup=False, soft_wrap=True)
        return UNUSABLE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return PASSED
    return code


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """Let being told to end (SIGTERM, SIGHUP) do what Ctrl-C does: put everything away first."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    told = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, end) for number in told}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder", description="Check and grade notebooks on convolutional networks."
    )
    edition = "instructor" if has_hidden_checks() else "student"
    version = f"autograder {kit()} ({edition} edition)"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    check = commands.add_parser(
        "check",
        help="check your own notebook with the public checks",
        description="Run the public checks on a notebook and say what passed.",
        epilog=exits("all checks passed", "some checks did not pass"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("notebook", type=Path, help="the notebook, under any name")
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    add_isolation(check, "process")
    check.set_defaults(run=_check)

    doctor = commands.add_parser(
        "doctor",
        help="say what works on this machine, and how to get more",
        description="Try every sandbox from inside and say what each stops on this machine.",
        epilog=exits("other people's work can be graded here", "only your own work can"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--json", action="store_true", help="print what was found as JSON")
    doctor.set_defaults(run=_doctor)

    for room, modules in _INSTRUCTORS.items():
        if importlib.util.find_spec(f"{__package__}.{room}") is not None:
            # The student edition has no such room, so nothing here may need it.
            for module in modules:
                importlib.import_module(f"{__package__}.{room}.{module}").add_command(commands)
    return parser


_INSTRUCTORS = {
    "batch": ("command", "exporting", "bundle"),
    "audit": ("command",),
    "classreport": ("command",),
    "studentedition": ("command",),
}
"""The rooms that only instructors have, and their modules that add commands."""


def _check(options: argparse.Namespace) -> int:
    console = Console(stderr=options.json)
    if hasattr(os, "fork"):
        with _opened(options.isolation) as box:
            report = grade(options.notebook, hidden=False, box=box)
    else:
        report = grade_in_process(options.notebook)
    if options.json:
        print(report.to_json())
    else:
        console.print(report_text(report), markup=False, highlight=False, soft_wrap=True)
    if report.status != "graded":
        return _problem(report)
    return PASSED if all(task.passed for task in report.tasks) else FAILED


@contextmanager
def _opened(weakest: Level) -> Iterator[Sandbox]:
    with open_sandbox(weakest) as box:
        if box.level in WEAK:
            Console(stderr=True).print(
                f"autograder: the notebook runs at level {box.level}, which would not hold a "
                "hostile program ('autograder doctor' says more).",
                markup=False,
            )
        yield box


def _problem(report: Report) -> int:
    return UNUSABLE if report.status == "unreadable" else OUR_FAULT


def _doctor(options: argparse.Namespace) -> int:
    with Console(stderr=True).status("trying the sandboxes of this machine"):
        found = examine()
    if options.json:
        print(json.dumps(found.as_json(), indent=2))
    else:
        _print_examination(found)
    return PASSED if found.good_enough else FAILED


def _print_examination(found: Examination) -> None:
    console = Console()
    for name, value in found.facts.items():
        console.print(f"{name}: {value}", markup=False, highlight=False, soft_wrap=True)
    started = [result for result in found.levels if not result.problem]
    if not started:
        console.print(
            "No sandbox can be started here. Your own notebooks are checked in the process that "
            "asks for it, by check(...) in the notebook and by 'autograder check'.",
            style="bold",
            soft_wrap=True,
        )
    else:
        _print_levels(console, found, started)
    for line in found.advice:
        console.print(f"Better: {line}", markup=False, highlight=False, soft_wrap=True)


def _print_levels(console: Console, found: Examination, started: Sequence[LevelResult]) -> None:
    table = Table("a submission tries to", *(result.level for result in started))
    for act in started[-1].refused:
        table.add_row(act, *("refused" if r.refused[act] else "POSSIBLE" for r in started))
    counts = (f"{sum(r.refused.values())} of {len(r.refused)}" for r in started)
    table.add_section()
    table.add_row("refused in all", *counts)
    told = ("yes" if result.told else "no" for result in started)
    table.add_row("the report says what was tried", *told)
    console.print(table)
    for result in found.levels:
        if result.problem and (sys.platform == "darwin") == (result.level == "seatbelt"):
            console.print(f"{result.level}: {result.problem}", markup=False, soft_wrap=True)
    console.print(f"Submissions run at level {found.chosen}.", style="bold")
    if not found.good_enough:
        console.print("Other people's work is graded at this level only with --isolation.")


if __name__ == "__main__":
    sys.exit(main())
