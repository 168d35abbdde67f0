"""A folder of results: one report a file, the code that was graded, who is who, one table.

::

    RESULTS/convolution/ada.json        a report (report.schema.json)
    RESULTS/convolution/code/ada.py     the graded code, cell after cell
    RESULTS/students.json               names and numbers of the learning platform
    RESULTS/grades.csv                  one row a submission

A report is written last, and whole, so where it is there the rest is too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..report import Report
from ..roster import Student, roster_of

__all__ = ["Results"]


@dataclass(frozen=True)
class Results:
    """The folder at ``path``."""

    path: Path

    def reports(self, assignment: str = "") -> Iterator[Report]:
        """The finished reports, of one assignment or of all, by assignment and student.

        Raises ``ValueError`` for a file that is no report, with its path.
        """
        for file in sorted(self.path.glob(f"{assignment or '*'}/*.json")):
            if file.name.startswith("."):
                continue
            try:
                yield Report.from_json(file.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise ValueError(f"{file} cannot be read: {error}") from None

    def code(self, report: Report) -> str:
        """The code that ``report`` is about; '' if it was not kept."""
        try:
            return self._code_file(report.assignment, report.student).read_text(encoding="utf-8")
        except OSError:
            return ""

    def students(self) -> Mapping[str, Student]:
        """Who is who, by the name that reports use; students that no platform told are left out."""
        try:
            return roster_of((self.path / "students.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def _code_file(self, assignment: str, student: str) -> Path:
        return self.path / _folder(assignment) / "code" / f"{file_name(student)}.py"


def _folder(assignment: str) -> str:
    return file_name(assignment) if assignment else "unreadable"


def file_name(student: str) -> str:
    """A name for a file, one to one: letters, digits and ``-_.@+`` stay, others become ``%`` and
    their code, as in an address."""

    def code(match: re.Match[str]) -> str:
        return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "replace"))

    return re.sub(r"[^\w.@+-]|^\.|^-", code, student) or "%"
