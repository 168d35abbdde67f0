"""The command ``autograder``: ``check`` for students, ``grade``, ``report`` and ``audit`` for
instructors, ``doctor`` for everyone.
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
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from .doctor import Examination, examine
from .exports.html import WEAK, points
from .exports.text import report_text
from .files import CannotWrite, write_whole
from .grading import grade, has_hidden_checks, kit, secret_seed
from .notebook import printable
from .report import Report
from .worker.host import Sandbox, open_sandbox
from .worker.sandbox import LEVELS, Level, SandboxError

__all__ = ["main"]

PASSED, FAILED, UNUSABLE, OUR_FAULT, INTERRUPTED = 0, 1, 2, 3, 130

_EXITS = """exit codes:
  0  {good}
  1  {bad}
  2  an input could not be read, or the command was used wrongly
  3  the grader or the machine failed; nothing was graded by that
  130  interrupted; finished reports are kept"""


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
    parser.add_argument("--version", action="version", version=f"autograder {kit()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    check = commands.add_parser(
        "check",
        help="check your own notebook with the public checks",
        description="Run the public checks on a notebook and say what passed.",
        epilog=_EXITS.format(good="all checks passed", bad="some checks did not pass"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("notebook", type=Path, help="the notebook, under any name")
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    _isolation(check, "process")
    check.set_defaults(run=_check)

    many = commands.add_parser(
        "grade",
        help="grade submissions with all checks",
        description="Grade notebooks with the public and the hidden checks.",
        epilog=_EXITS.format(good="graded", bad="graded, and one is under --fail-under"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    many.add_argument("notebooks", type=Path, nargs="+", metavar="NOTEBOOK")
    many.add_argument("--out", type=Path, metavar="DIR", help="write one JSON report each into DIR")
    many.add_argument("--json", action="store_true", help="print the reports as a JSON list")
    many.add_argument(
        "--fail-under", type=_percent, metavar="PERCENT", help="exit 1 if one has fewer points"
    )
    many.add_argument("--details", action="store_true", help="print every message")
    _isolation(many, "landlock")
    many.set_defaults(run=_grade)

    doctor = commands.add_parser(
        "doctor",
        help="say what works on this machine, and how to get more",
        description="Try every sandbox from inside and say what each stops on this machine.",
        epilog=_EXITS.format(
            good="other people's work can be graded here", bad="only your own work can"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--json", action="store_true", help="print what was found as JSON")
    doctor.set_defaults(run=_doctor)

    for room in ("audit", "classreport"):
        if importlib.util.find_spec(f"{__package__}.{room}") is not None:
            # The student edition has no such room, so nothing here may need it.
            importlib.import_module(f"{__package__}.{room}.command").add_command(commands)
    return parser


def _isolation(parser: argparse.ArgumentParser, weakest: Level) -> None:
    parser.add_argument(
        "--isolation",
        choices=LEVELS,
        default=weakest,
        help="the weakest sandbox to accept (default: %(default)s)",
    )


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage from 0 to 100")
    return value


def _check(options: argparse.Namespace) -> int:
    console = Console(stderr=options.json)
    with _opened(options.isolation) as box:
        report = grade(options.notebook, hidden=False, box=box)
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


def _grade(options: argparse.Namespace) -> int:
    if options.out is not None:
        _prepare(options.out)
    seed = secret_seed()
    reports: list[Report] = []
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with _opened(options.isolation) as box, progress:
        bar = progress.add_task("grading", total=len(options.notebooks))
        for path, student in zip(options.notebooks, _names(options.notebooks), strict=True):
            progress.update(bar, description=printable(student))
            report = grade(path, student=student, box=box, seed=seed)
            reports.append(report)
            if options.out is not None:
                write_whole(options.out / f"{student}.json", report.to_json() + "\n")
            progress.advance(bar)
    if options.json:
        print(json.dumps([json.loads(report.to_json()) for report in reports], indent=2))
    else:
        _print_reports(reports, options.details)
    return _grade_code(reports, options.fail_under)


def _prepare(folder: Path) -> None:
    """Make ``folder`` and see that reports can be written there, before an hour of grading."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise CannotWrite(f"{folder} is a file; say a folder with --out") from None
    except OSError as error:
        raise CannotWrite(f"the folder {folder} cannot be made: {error.strerror}") from None
    probe = folder / ".autograder"
    write_whole(probe, "")
    probe.unlink()


def _names(paths: Sequence[Path]) -> list[str]:
    """A name for each submission, unique: its file's; in nbgrader's layout the student's folder;
    else folders and file together, numbered where even that is not enough."""
    full = [path.resolve() for path in paths]
    for names in (
        [path.stem for path in full],
        [path.parent.parent.name for path in full],
        [path.parent.name for path in full],
        ["-".join([*path.parts[-3:-1], path.stem]) for path in full],
    ):
        if all(names) and len(set(names)) == len(names):
            return names
    return [f"{number:03}-{path.stem}" for number, path in enumerate(full, 1)]


def _print_reports(reports: Sequence[Report], details: bool) -> None:
    console = Console()
    if len(reports) == 1 or details:
        for report in reports:
            if len(reports) > 1:
                console.rule(printable(report.student))
            console.print(report_text(report), markup=False, highlight=False, soft_wrap=True)
        if len(reports) == 1:
            return
    table = Table("submission", "status", "points", "of", "sandbox", "remark")
    for report in reports:
        remark = report.message or ", ".join(
            f"{task.task} {points(task.points)}/{points(task.max_points)}"
            for task in report.tasks
            if not task.passed
        )
        table.add_row(
            printable(report.student),
            report.status,
            points(report.points),
            points(report.max_points),
            report.isolation,
            printable(remark)[:200],
        )
    console.print(table)
    if not has_hidden_checks():
        console.print("This is the student edition: only the public checks were run.")


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
    for line in found.advice:
        console.print(f"Better: {line}", markup=False, highlight=False, soft_wrap=True)


def _grade_code(reports: Sequence[Report], bar: float | None) -> int:
    if any(report.status == "not graded" for report in reports):
        return OUR_FAULT
    if any(report.status == "unreadable" for report in reports):
        return UNUSABLE
    if bar is not None and any(r.points < bar / 100 * r.max_points for r in reports):
        return FAILED
    return PASSED


if __name__ == "__main__":
    sys.exit(main())
