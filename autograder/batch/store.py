"""A folder of results: one report a file, the code that was graded, who is who, one table.

::

    RESULTS/convolution/ada.json             a report (report.schema.json)
    RESULTS/convolution/code/ada.py          the graded code, cell after cell
    RESULTS/convolution/outputs/ada.json.gz  what its cells printed and drew, for nbgrader
    RESULTS/unreadable/ada.json              where nobody knows of which assignment it is
    RESULTS/students.json                    names and numbers of the learning platform
    RESULTS/grades.csv                       one row a submission
    RESULTS/.seed                            the secret seed, where none is configured

A report is written last, and whole, so where it is there the rest is too.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..exports.grades import grades
from ..files import CannotWrite, write_whole
from ..report import Report
from ..roster import Student, roster_json, roster_of
from ..worker.host import CellResult
from ..worker.sandbox import LEVELS, Level
from .work import Done

__all__ = ["InUse", "Results", "file_name"]

UNREADABLE = "unreadable"
"""The folder of reports on files that belong to no assignment."""

MOST_BYTES = 100
"""Of a file's name without its ending; file systems hold 255, encrypted ones 143."""


class InUse(ValueError):
    """Another command is writing to the folder."""


@dataclass(frozen=True)
class Results:
    """The folder at ``path``."""

    path: Path

    def prepare(self) -> None:
        """Make the folder and see that reports can be written there, before an hour of grading.

        Raises :class:`~autograder.files.CannotWrite`.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise CannotWrite(f"{self.path} is a file; say a folder with --out") from None
        except OSError as error:
            raise CannotWrite(f"the folder {self.path} cannot be made: {error.strerror}") from None
        probe = self.path / ".autograder"
        write_whole(probe, "")
        probe.unlink()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one that grades into this folder. Raises :class:`InUse`.

        The lock ends with its holder, however that ends.
        """
        import fcntl  # Windows has none; there the command's help can be read at least

        with (self.path / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InUse(
                    f"another command is grading into {self.path}; wait for it, or say another "
                    "folder with --out"
                ) from None
            yield

    def seed(self) -> int:
        """The secret seed that belongs to this folder, made when it is first asked for.

        Raises ``ValueError`` if the file holds something else.
        """
        file = self.path / ".seed"
        try:
            text = file.read_text(encoding="ascii")
        except FileNotFoundError:
            text = str(secrets.randbits(63))
            with contextlib.suppress(OSError):
                os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
            write_whole(file, text + "\n")
            file.chmod(0o600)
        try:
            return int(text)
        except ValueError:
            raise ValueError(f"{file} does not hold a seed; remove it to get a new one") from None

    def write(self, done: Done, *, outputs: bool = False) -> None:
        """Keep what was found. Raises :class:`~autograder.files.CannotWrite`."""
        report = done.report
        if done.code:
            self._put(self._beside(report.assignment, "code", report.student, ".py"), done.code)
        if outputs:
            _write_outputs(self._outputs(report.assignment, report.student), done.cells)
        self._put(self.report_file(report.assignment, report.student), report.to_json() + "\n")

    @staticmethod
    def _put(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)

    def write_students(self, students: Iterable[Student]) -> None:
        """Add to who is who."""
        known = {**self.students(), **{s.id: s for s in students}}
        write_whole(self.path / "students.json", roster_json(known.values()) + "\n")

    def write_table(self) -> None:
        """Write ``grades.csv`` anew, from all reports that are there."""
        # Of thousands of reports, their messages would fill the memory.
        lean = [
            replace(
                report,
                tasks=tuple(replace(task, checks=()) for task in report.tasks),
                cells=(),
                refused=(),
            )
            for report in self.reports()
        ]
        write_whole(self.path / "grades.csv", grades(lean, self.students()))

    def find(self, assignment: str, student: str) -> Report | None:
        """The report of one student; None if there is none that can be read."""
        try:
            text = self.report_file(assignment, student).read_text(encoding="utf-8")
            return Report.from_json(text)
        except (OSError, ValueError):
            return None

    def current(
        self, assignment: str, student: str, fingerprint: str, weakest: Level
    ) -> Report | None:
        """The report of one student, if grading again would give the same: it is on the same, in a
        sandbox that is at least as strong as ``weakest``."""
        report = self.find(assignment, student)
        if report is None or report.status != "graded" or report.fingerprint != fingerprint:
            return None
        return report if report.isolation in LEVELS[: LEVELS.index(weakest) + 1] else None

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
        file = self._beside(report.assignment, "code", report.student, ".py")
        try:
            return file.read_text(encoding="utf-8")
        except OSError:
            return ""

    def outputs(self, report: Report) -> tuple[CellResult, ...] | None:
        """What the cells gave that ``report`` is about; None if it was not kept."""
        return _read_outputs(self._outputs(report.assignment, report.student))

    def students(self) -> Mapping[str, Student]:
        """Who is who, by the name that reports use; students that no platform told are left out."""
        try:
            return roster_of((self.path / "students.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def report_file(self, assignment: str, student: str) -> Path:
        """Where the report of one student is."""
        return self.path / _folder(assignment) / f"{file_name(student)}.json"

    def _beside(self, assignment: str, what: str, student: str, ending: str) -> Path:
        return self.path / _folder(assignment) / what / f"{file_name(student)}{ending}"

    def _outputs(self, assignment: str, student: str) -> Path:
        return self._beside(assignment, "outputs", student, ".json.gz")


def _folder(assignment: str) -> str:
    return file_name(assignment) if assignment else UNREADABLE


def file_name(student: str) -> str:
    """A name for a file, one to one: letters, digits and ``-_.@+`` stay, others become ``%`` and
    their code, as in an address. What is too long for a file system ends with a digest."""

    def code(match: re.Match[str]) -> str:
        return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "replace"))

    name = re.sub(r"[^\w.@+-]|^\.|^-", code, student) or "%"
    if len(name.encode()) <= MOST_BYTES:
        return name
    digest = hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()[:16]
    return name.encode()[:MOST_BYTES].decode("utf-8", "ignore") + f"%{digest}"


def _write_outputs(path: Path, cells: Iterable[CellResult]) -> None:
    entries = []
    for cell in cells:
        entry = asdict(cell)
        entry["figures"] = [base64.b64encode(figure).decode() for figure in cell.figures]
        entries.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, gzip.compress(json.dumps(entries).encode(), 5, mtime=0))


def _read_outputs(path: Path) -> tuple[CellResult, ...] | None:
    try:
        entries = json.loads(gzip.decompress(path.read_bytes()))
        return tuple(
            CellResult(**{**entry, "figures": tuple(base64.b64decode(f) for f in entry["figures"])})
            for entry in entries
        )
    except (OSError, ValueError, TypeError, KeyError, EOFError):
        return None
