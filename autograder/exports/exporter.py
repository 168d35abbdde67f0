"""What an exporter is: a function from reports to the text of a file, and what to say of it.

An exporter gets reports and who is who, returns what the file shall hold, and opens no file itself.
The command reads the files that its options name and writes what it returns. ``docs/exports.md``
shows how to add one.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..notebook import printable
from ..report import Report
from ..roster import Student

__all__ = [
    "Exporter",
    "File",
    "LeftOut",
    "Option",
    "assignments_of",
    "gradable",
    "leave_out",
    "one_assignment",
    "who",
]


class File(NamedTuple):
    """A file that the user named: its name, as it was typed, and its text."""

    name: str
    text: str


@dataclass(frozen=True)
class Option:
    """An option of a format, ``--name`` in the command and a keyword argument of the function.

    The function gets a text, '' where nothing was said and there is no ``default``; with
    ``is_file`` a :class:`File`, or None.
    """

    name: str
    help: str
    choices: tuple[str, ...] = ()
    default: str = ""
    is_file: bool = False


@dataclass(frozen=True)
class Exporter:
    """A format. ``file`` is the name that its file usually has.

    ``export(reports, students, **options)`` returns the file's text, or its bytes. It raises
    ``ValueError`` for input that cannot be exported so, and calls :func:`leave_out` for what the
    file lacks.
    """

    name: str
    help: str
    file: str
    export: Callable[..., str | bytes]
    options: tuple[Option, ...] = ()


class LeftOut(UserWarning):
    """Somebody or something is not in the file; the text says who, why, and what to do."""


def leave_out(text: str) -> None:
    """Say that the file lacks something. The command shows it, and its exit code says so too."""
    warnings.warn(LeftOut(printable(text)), stacklevel=3)


def who(report: Report, students: Mapping[str, Student]) -> Student:
    """Whose report it is; a student of whom the platform told nothing has an id only."""
    return students.get(report.student) or Student(report.student)


def one_assignment(reports: Sequence[Report]) -> str:
    """The assignment that all ``reports`` are about. Raises ``ValueError`` for several."""
    names = assignments_of(reports)
    if len(names) != 1:
        raise ValueError(
            f"this file holds one assignment, and here are {', '.join(names) or 'none'}; "
            "say which with --assignment"
        )
    return names[0]


def assignments_of(reports: Iterable[Report]) -> list[str]:
    """The assignments that ``reports`` are about, in their order."""
    return list(dict.fromkeys(report.assignment for report in reports if report.assignment))


def gradable(reports: Sequence[Report]) -> list[Report]:
    """The reports whose points mean something; the others are left out, and said to be.

    An unreadable notebook is the student's to repair, and counts as no points. What was not graded
    is our fault, and never a zero.
    """
    kept = []
    for report in reports:
        if report.status == "not graded":
            leave_out(f"{report.student} was not graded ({report.assignment}): grade it again")
        elif not report.assignment:
            leave_out(f"{report.student} handed in what is no notebook of any assignment")
        else:
            kept.append(report)
    seen: set[tuple[str, str]] = set()
    for report in kept:
        key = (report.assignment, report.student)
        if key in seen:
            raise ValueError(
                f"there are two reports on {printable(report.student)} in {report.assignment}; "
                "remove one of them"
            )
        seen.add(key)
    return kept
