"""The command ``autograder export``."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import Any

from rich.console import Console

from ..command_line import FAILED, PASSED, exits
from ..exports.exporter import Exporter, File, LeftOut, Option
from ..exports.registry import EXPORTERS
from ..files import write_whole
from ..report import Report
from .store import Results

__all__ = ["add_command"]

_DESCRIPTION = """\
Write the reports of a folder in a form that a learning platform, a CI system or a person reads."""

_EPILOG = exits(
    "written",
    "written, without somebody or something: standard error says what, and what to do",
)


def add_command(commands: Any) -> None:
    """Add ``export`` to the subcommands of ``autograder``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "export",
        help="write reports for learning platforms, CI systems and people",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    formats = parser.add_subparsers(metavar="FORMAT", required=True)
    for exporter in EXPORTERS.values():
        _add_format(formats, exporter)


def _add_format(formats: Any, exporter: Exporter) -> None:
    parser: argparse.ArgumentParser = formats.add_parser(
        exporter.name,
        help=exporter.help,
        description=f"Write reports: {exporter.help}.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "results", type=Path, metavar="RESULTS", help="a folder of results, or one report"
    )
    parser.add_argument("--assignment", metavar="NAME", help="this assignment only")
    parser.add_argument("--student", metavar="ID", help="this student only")
    parser.add_argument(
        "--out", default=exporter.file, metavar="FILE",
        help="where to write it, - for standard output (default: %(default)s)",
    )  # fmt: skip
    for option in exporter.options:
        parser.add_argument(
            f"--{option.name}",
            default=option.default,
            choices=option.choices or None,
            metavar=None if option.choices else "FILE" if option.is_file else "TEXT",
            help=option.help + (" (default: %(default)s)" if option.default else ""),
        )
    parser.set_defaults(run=_export, exporter=exporter)


def _export(options: argparse.Namespace) -> int:
    exporter: Exporter = options.exporter
    results = Results(options.results)
    students = {} if options.results.is_file() else results.students()
    if options.student is not None:
        students = {name: s for name, s in students.items() if name == options.student}
    reports = _reports(results, options.assignment, options.student)
    given = {o.name: _given(o, getattr(options, o.name)) for o in exporter.options}
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always", LeftOut)
        content = exporter.export(reports, students, **given)
    if options.out == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content.encode() if isinstance(content, str) else content)
        sys.stdout.buffer.flush()
    else:
        write_whole(Path(options.out), content)
    console = Console(stderr=True)
    left_out = [str(note.message) for note in noted if issubclass(note.category, LeftOut)]
    for text in left_out:
        console.print(f"autograder: {text}", markup=False, soft_wrap=True)
    if options.out != "-":
        count = "1 report" if len(reports) == 1 else f"{len(reports)} reports"
        console.print(f"{options.out}: {count}", markup=False, highlight=False, soft_wrap=True)
    return FAILED if left_out else PASSED


def _reports(results: Results, assignment: str | None, student: str | None) -> list[Report]:
    """What there is to export. Raises ``ValueError`` when that is nothing."""
    if results.path.is_file():
        found = [_single(results.path)]
    elif results.path.is_dir():
        found = list(results.reports())
    else:
        raise ValueError(f"there is no folder {results.path}")
    kept = [
        report
        for report in found
        if assignment in (None, report.assignment) and student in (None, report.student)
    ]
    if not kept:
        there = ", ".join(sorted({report.assignment for report in found if report.assignment}))
        raise ValueError(
            f"{results.path} holds no such report (assignments there: {there or 'none'})"
        )
    return kept


def _single(path: Path) -> Report:
    try:
        return Report.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None


def _given(option: Option, value: str) -> str | File | None:
    if not option.is_file:
        return value
    if not value:
        return None
    try:
        # As it is, line ends and all: what a platform wrote it shall read again.
        return File(value, Path(value).read_bytes().decode())
    except OSError as error:
        raise ValueError(f"{value} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{value} is not text in UTF-8; download it again") from None
