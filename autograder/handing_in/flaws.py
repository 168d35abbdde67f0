"""What was found about a notebook that is to be handed in: the data model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..report import Report

__all__ = ["HEADINGS", "MARKS", "UNWRITTEN", "Flaw", "Readiness", "Weight"]

Weight = Literal["mend", "warning", "note"]

MARKS: dict[Weight, str] = {"mend": "✗", "warning": "!", "note": "–"}

HEADINGS: dict[Weight, str] = {
    "mend": "To mend before you hand in",
    "warning": "Warnings: these do not keep you from handing in",
    "note": "Notes: nothing needs to be done about these",
}


UNWRITTEN = ("not-attempted", "answer-missing")
"""Kinds of flaws that say that nothing was written, which everyone may decide."""


@dataclass(frozen=True)
class Flaw:
    """One thing that was found.

    ``kind`` is its name for programs (``name-not-defined``). ``weight`` is ``mend`` for what would
    cost points and is not meant, ``warning`` for what may, ``note`` for what looks dangerous and
    costs nothing. ``where`` is a cell by its label, or ``the file``; ``line`` that cell's first
    line; ``index`` its place in the notebook from 0, -1 for none. ``says`` is what was found,
    ``means`` what becomes of it at grading, ``todo`` what to do.
    """

    kind: str
    weight: Weight
    where: str
    line: str
    says: str
    means: str
    todo: str
    index: int = field(default=-1, compare=False)


@dataclass(frozen=True)
class Readiness:
    """Whether a notebook is ready to be handed in.

    ``report`` is that of the public checks after the clean run, None where there was none. ``ran``
    says whether the notebook was run. ``problem`` is why the file cannot be read, or ''. ``saved``
    is when the file was written, in seconds since the epoch.
    """

    path: Path
    assignment: str = ""
    flaws: tuple[Flaw, ...] = ()
    report: Report | None = None
    problem: str = ""
    saved: float = 0.0

    @property
    def ran(self) -> bool:
        return self.report is not None and self.report.status == "graded"

    @property
    def to_mend(self) -> int:
        """How many things have to be mended."""
        return sum(flaw.weight == "mend" for flaw in self.flaws)

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way; what was not run is never ready."""
        return self.ran and not self.problem and not self.to_mend

    @property
    def verdict(self) -> str:
        """The one line at the end."""
        if self.problem:
            return f"Not ready: the file cannot be graded, because {self.problem}"
        if self.to_mend:
            return f"Not ready: {_count(self.to_mend, 'thing')} to mend"
        if not self.ran:
            return "Not known: nothing to mend was found, but the notebook could not be run here"
        tasks = self.report.tasks if self.report is not None else ()
        silent = ("not attempted", "passed")
        wrong = sum(any(check.verdict not in silent for check in task.checks) for task in tasks)
        remarks = []
        if wrong:
            remarks.append(f"{_count(wrong, 'task')} with a check that does not pass")
        if self.unwritten:
            remarks.append(f"{_count(len(self.unwritten), 'task')} not written")
        return "; ".join(["Ready to hand in", *remarks])

    def of(self, weight: Weight) -> Sequence[Flaw]:
        """The flaws of one weight, in the order of the notebook, without :attr:`unwritten`."""
        return [f for f in self.flaws if f.weight == weight and f.kind not in UNWRITTEN]

    @property
    def unwritten(self) -> Sequence[Flaw]:
        """Tasks that were not attempted and questions that were not answered."""
        return [flaw for flaw in self.flaws if flaw.kind in UNWRITTEN]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        report = self.report
        checks = None
        if report is not None and report.status == "graded":
            checks = {
                "points": report.points,
                "max_points": report.max_points,
                "isolation": report.isolation,
                "tasks": [
                    {
                        "task": task.task,
                        "points": task.points,
                        "max_points": task.max_points,
                        "passed": task.passed,
                    }
                    for task in report.tasks
                ],
            }
        flaws = [asdict(flaw) for flaw in self.flaws]
        return {
            "notebook": str(self.path),
            "assignment": self.assignment,
            "ready": self.ready,
            "ran": self.ran,
            "to_mend": self.to_mend,
            "verdict": self.verdict,
            "problem": self.problem,
            "flaws": [{key: flaw[key] for key in flaw if key != "index"} for flaw in flaws],
            "public_checks": checks,
        }


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
