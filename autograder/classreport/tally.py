"""What the reports of a class say together: counts by task and check, known mistakes, times."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..report import CheckReport, Report

__all__ = [
    "CheckTally",
    "MistakeTally",
    "Remark",
    "Spread",
    "Tally",
    "TaskTally",
    "spread",
    "tally",
]


@dataclass
class CheckTally:
    """How often one check had which verdict. ``failed`` counts time limits, memory and crashes
    too; ``faults`` those of the grader, which say nothing about the student."""

    name: str
    title: str
    hidden: bool
    passed: int = 0
    failed: int = 0
    not_attempted: int = 0
    not_tried: int = 0
    faults: int = 0

    def count(self, check: CheckReport) -> None:
        """Add one verdict."""
        if check.verdict == "passed":
            self.passed += 1
        elif check.waits:
            self.not_tried += 1
        elif check.verdict == "not attempted":
            self.not_attempted += 1
        elif check.verdict == "error":
            self.faults += 1
        else:
            self.failed += 1

    @property
    def ran(self) -> int:
        """How often it came to a verdict about a student's code."""
        return self.passed + self.failed

    @property
    def notice(self) -> str:
        """What is remarkable about it; '' if it tells some students from others."""
        if not self.ran:
            return "nobody got this far"
        if not self.failed:
            return "nobody fails"
        if not self.passed:
            return "everybody fails"
        return ""


@dataclass
class TaskTally:
    """One task over all graded submissions. ``full`` counts those with all points, ``untouched``
    those in which not one of its checks came to a verdict; ``points`` is the sum."""

    task: str
    title: str
    max_points: float
    submissions: int = 0
    full: int = 0
    untouched: int = 0
    points: float = 0.0
    checks: dict[str, CheckTally] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The mean share of its points, from 0 to 1."""
        most = self.max_points * self.submissions
        return self.points / most if most else 0.0


@dataclass
class MistakeTally:
    """One known mistake: the ids of the students who made it, the tasks, and the hint they got."""

    name: str
    hint: str
    message: str
    students: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Remark:
    """What a check that passed has said all the same."""

    student: str
    task: str
    check: str
    message: str


@dataclass(frozen=True)
class Spread:
    """How values lie: the count, the ends, quartiles (inclusive method) and mean."""

    count: int
    least: float
    lower: float
    median: float
    upper: float
    most: float
    mean: float


@dataclass
class Tally:
    """All reports of one assignment. ``graded`` and ``others`` (not graded, unreadable) keep their
    order."""

    assignment: str
    graded: list[Report] = field(default_factory=list)
    others: list[Report] = field(default_factory=list)
    tasks: dict[str, TaskTally] = field(default_factory=dict)
    mistakes: list[MistakeTally] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def max_points(self) -> float:
        return max((report.max_points for report in self.graded), default=0.0)

    @property
    def slowest(self) -> list[Report]:
        """The graded reports, those that took longest first."""
        return sorted(self.graded, key=lambda report: (-report.seconds, report.student))

    @property
    def refused(self) -> list[Report]:
        """The reports that say of something that it was refused."""
        return [report for report in (*self.graded, *self.others) if report.refused]


def spread(values: Sequence[float]) -> Spread | None:
    """How ``values`` lie; None if there are none."""
    if not values:
        return None
    if len(values) == 1:
        lower = median = upper = values[0]
    else:
        lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    mean = statistics.fmean(values)
    return Spread(len(values), min(values), lower, median, upper, max(values), mean)


def tally(assignment: str, reports: Iterable[Report]) -> Tally:
    """Count the ``reports``, all of one assignment."""
    found = Tally(assignment)
    mistakes: dict[str, MistakeTally] = {}
    for report in reports:
        if report.status != "graded":
            found.others.append(report)
            continue
        found.graded.append(report)
        for task in report.tasks:
            counts = found.tasks.setdefault(
                task.task, TaskTally(task.task, task.title, task.max_points)
            )
            counts.max_points = max(counts.max_points, task.max_points)
            counts.submissions += 1
            counts.points += task.points
            counts.full += task.passed
            counts.untouched += all(check.verdict == "not attempted" for check in task.checks)
            for check in task.checks:
                counts.checks.setdefault(
                    check.name, CheckTally(check.name, check.title, check.hidden)
                ).count(check)
                if check.mistake:
                    _count_mistake(mistakes, report.student, task.task, check)
                if check.verdict == "passed" and check.message:
                    found.remarks.append(
                        Remark(report.student, task.task, check.title, check.message)
                    )
    found.mistakes = sorted(mistakes.values(), key=lambda m: (-len(m.students), m.name))
    return found


def _count_mistake(
    mistakes: dict[str, MistakeTally], student: str, task: str, check: CheckReport
) -> None:
    counts = mistakes.setdefault(
        check.mistake, MistakeTally(check.mistake, check.hint, check.message)
    )
    # Several checks of a task find the same mistake; reports come one student at a time.
    if student not in counts.students[-1:]:
        counts.students.append(student)
    if task not in counts.tasks:
        counts.tasks.append(task)
