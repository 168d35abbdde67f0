"""The command ``autograder report``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from ..exports.html import points
from ..notebook import printable

__all__ = ["add_command"]

_DESCRIPTION = """\
Write a class report from a folder of results: an HTML page with what the class did not understand,
one page a student, and tables for spreadsheets. They need no server and no network."""

_EPILOG = """\
exit codes:
  0  the report is written
  2  the folder holds no results, or one cannot be read
  3  the report could not be written"""


def add_command(commands: Any) -> None:
    """Add ``report`` to the subcommands of ``autograder``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "report",
        help="write a page on what a class did not understand",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="folder of results")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder of the report (default: RESULTS/report)"
    )
    parser.add_argument("--assignment", metavar="NAME", default="", help="this assignment only")
    parser.add_argument(
        "--anonymous",
        action="store_true",
        help="numbers in place of names and nothing that students wrote, to show it in class",
    )
    parser.add_argument(
        "--submissions",
        metavar="PATH",
        default="SUBMISSIONS",
        help="where the submissions are, for the commands that grade one again",
    )
    for name, what in (
        ("assignments", "released notebooks, which nobody wrote"),
        ("solutions", "source notebooks, to explain known mistakes with"),
    ):
        parser.add_argument(
            f"--{name}",
            type=Path,
            metavar="DIR",
            default=Path(name),
            help=f"folder with the {what} (default: %(default)s)",
        )
    parser.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> int:
    # Matplotlib and what else draws and compares need not be loaded for other commands.
    from .tally import spread
    from .writing import write_report

    usual = "report-anonymous" if options.anonymous else "report"
    out = options.out or options.results / usual
    made = write_report(
        options.results,
        out,
        assignment=options.assignment,
        anonymous=options.anonymous,
        submissions=options.submissions,
        released=options.assignments,
        solutions=options.solutions,
        progress=_progress(),
    )
    console = Console()
    for found in made.graded:
        middle = spread([report.points for report in found.graded])
        assert middle is not None
        console.print(
            f"{printable(found.assignment)}: {len(found.graded)} graded, median "
            f"{points(middle.median)} of {points(found.max_points)} points",
            markup=False, highlight=False, soft_wrap=True,
        )  # fmt: skip
    if made.others:
        console.print(f"{len(made.others)} not graded or unreadable: the page says how to go on")
    console.print(f"{out / 'index.html'}", markup=False, highlight=False, soft_wrap=True)
    return 0


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
