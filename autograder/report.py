"""What grading one submission found: the data model of a report, and its JSON form.

The JSON form is published as ``autograder/report.schema.json`` (JSON Schema 2020-12); ``version``
counts up when a field changes its meaning or goes away. Points are exact to the cent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .language import say, term

__all__ = [
    "SCHEMA_FILE",
    "VERSION",
    "WAITING",
    "CellNote",
    "CheckReport",
    "Comparison",
    "Evidence",
    "Finding",
    "HandGraded",
    "Plane",
    "Refused",
    "Report",
    "TaskReport",
    "Verdict",
    "is_waiting",
    "plain",
    "share_out",
]

VERSION = 1
WAITING = term("Not tried")
"""How the message begins of a check that waits for another one, in the course's language."""

PATH_ACTS = (
    term("read {path}"),
    term("write {path}"),
    term("list {path}"),
    term("enter {path}"),
    term("remove {path}"),
    term("change {path}"),
    term("make {path}"),
    term("link to {path}"),
)
"""What a submission may have tried with a file that is out of its reach."""

SCHEMA_FILE = Path(__file__).with_name("report.schema.json")

Verdict = Literal[
    "passed", "failed", "error", "timeout", "out of memory", "crashed", "not attempted"
]
Status = Literal["graded", "not graded", "unreadable"]


# Control characters but for newline and tab, those that change the direction of text, and halves
# of surrogate pairs, which no file can hold.
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def is_waiting(message: str) -> bool:
    """Whether ``message`` says that a check waits for another one."""
    return message.startswith((WAITING, say(WAITING)))


def plain(text: str) -> str:
    """``text`` of a submission, safe to print: without what a terminal or a page would obey."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


@dataclass(frozen=True)
class Plane:
    """Where a two-dimensional part of a result is wrong, as a picture.

    ``at`` says which part, as it is written in Python. ``levels`` has a text for each row with one
    character for each value: ``0`` where it is right, ``1`` to ``9`` by how large the error is
    beside the largest one, ``!`` where the value is not finite.
    """

    at: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """One part of a result: what was expected, and what came.

    ``name`` is the part's name (``out``, ``dx``); ``at`` says which piece of it is shown, as it is
    written in Python, and is empty where a value is shown as a text. ``expected`` and ``got`` are
    rows of numbers as texts, and ``differs`` has a text for each row of ``got`` with ``x`` for a
    value that is wrong and ``.`` for one that is right; it is empty where the two cannot be laid
    on top of each other. ``row`` and ``column`` are the indices that the piece begins with.
    ``expected_kind`` and ``got_kind`` say what the values are, such as an array of some shape.
    ``planes`` shows where the errors sit, ``step`` is how many rows and columns one of its
    characters stands for, and ``more`` counts the planes that are left out.
    """

    name: str
    at: str
    expected_kind: str
    got_kind: str
    expected: tuple[tuple[str, ...], ...]
    got: tuple[tuple[str, ...], ...]
    differs: tuple[str, ...] = ()
    row: int = 0
    column: int = 0
    planes: tuple[Plane, ...] = ()
    step: int = 1
    more: int = 0


@dataclass(frozen=True)
class Evidence:
    """What a student needs to see for themselves that a public check does not pass.

    ``call`` is code for a cell that makes the same call, '' if it would be too long. ``compared``
    holds what was wrong in its result. All texts are bounded and safe to print.
    """

    call: str
    compared: tuple[Comparison, ...] = ()


class Finding(Exception):
    """Why a check did not pass. Raised by what checks assert with, and by calls of a submission.

    ``message`` is for public checks and may show values. ``brief`` says the same without any
    value, for hidden checks. ``reason`` says it in one sentence, '' where the first line of the
    message does; it shows no value once ``mistake`` is set. ``evidence`` makes what a public check
    has to show, and is never asked for where hidden checks are run. ``hint`` and ``mistake`` are
    set when the result is that of a known mistake, ``yardsticks`` when a function is too slow.
    ``credit`` is the share of the check's points that is given all the same. With the verdict
    ``passed`` it is a remark and takes nothing. ``absent`` names a function that is not there.
    """

    def __init__(
        self,
        message: str,
        *,
        verdict: Verdict = "failed",
        brief: str | None = None,
        hint: str = "",
        mistake: str = "",
        yardsticks: float = 0.0,
        credit: float = 0.0,
        reason: str = "",
        evidence: Callable[[], Evidence] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.verdict: Verdict = verdict
        self.brief = message if brief is None else brief
        self.hint = hint
        self.mistake = mistake
        self.yardsticks = yardsticks
        self.reason = reason
        self.evidence = evidence
        self.credit = 1.0 if verdict == "passed" else credit
        self.absent = ""

    def __str__(self) -> str:
        # A known mistake may be named after the fact.
        return self.message


@dataclass(frozen=True)
class CheckReport:
    """The verdict of one check. ``seconds`` is wall time; it never decides anything.

    ``yardsticks`` is the measured CPU time of a function that was too slow, in units of the
    yardstick. The two are all that differs when the same notebook is graded again. ``reason`` is
    the message in one sentence. ``evidence`` is there for public checks, and only in a report
    without hidden checks: what instructors keep holds none.
    """

    name: str
    title: str
    verdict: Verdict
    hidden: bool
    points: float
    max_points: float
    message: str = ""
    hint: str = ""
    mistake: str = ""
    yardsticks: float = 0.0
    seconds: float = 0.0
    reason: str = ""
    evidence: Evidence | None = None

    @property
    def waits(self) -> bool:
        """Whether it was not tried because another check, which says why, must pass first."""
        return self.verdict == "not attempted" and is_waiting(self.message)


@dataclass(frozen=True)
class TaskReport:
    """A task and its checks; ``points`` is the sum over the checks."""

    task: str
    title: str
    points: float
    max_points: float
    checks: tuple[CheckReport, ...]

    @property
    def passed(self) -> bool:
        return all(check.verdict == "passed" for check in self.checks)


@dataclass(frozen=True)
class HandGraded:
    """A written answer, which a person grades; it counts in no sum of this report."""

    task: str
    title: str
    max_points: float


@dataclass(frozen=True)
class CellNote:
    """Something worth saying about one cell: it failed, was stopped, or was not run."""

    cell: str
    status: str
    message: str


@dataclass(frozen=True)
class Refused:
    """Something that the submission tried and no submission may.

    ``where`` is a cell or the function that a check called; ``act`` follows the words ``tried to``.
    Most have an innocent reason (a library that asks for a socket, a path of one's own computer),
    so this states what happened, and takes no points.
    """

    where: str
    act: str

    def __str__(self) -> str:
        verb, slash, path = self.act.partition(" /")
        # A report may come from anywhere, and a verb with braces would be a template.
        known = slash and f"{verb} {{path}}" in PATH_ACTS
        act = say(f"{verb} {{path}}", path=f"/{path}") if known else say(self.act)
        return say("{where} tried to {act}", where=self.where, act=act)


@dataclass(frozen=True)
class Report:
    """Everything that was found about one submission.

    ``points`` and ``max_points`` are sums over ``tasks``, those graded automatically. ``status`` is
    ``graded``; ``not graded`` when the kit or the machine was at fault, and then the points mean
    nothing; or ``unreadable`` when the file is no notebook of the assignment. ``isolation`` names
    the sandbox's level, ``live kernel`` for checks inside a notebook.
    """

    assignment: str
    student: str
    status: Status
    isolation: str
    points: float
    max_points: float
    tasks: tuple[TaskReport, ...] = ()
    by_hand: tuple[HandGraded, ...] = ()
    cells: tuple[CellNote, ...] = ()
    refused: tuple[Refused, ...] = ()
    message: str = ""
    hidden_checks: bool = False
    seed: str = ""
    kit: str = ""
    seconds: float = 0.0
    fingerprint: str = ""
    version: int = field(default=VERSION)

    def task(self, name: str) -> TaskReport:
        """The report of the task ``name``; ``KeyError`` if there is none."""
        for task in self.tasks:
            if task.task == name:
                return task
        raise KeyError(name)

    def to_json(self, indent: int | None = 2) -> str:
        """The published JSON form."""
        return json.dumps(self, indent=indent, default=vars, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Read what :meth:`to_json` wrote. Raises ``ValueError`` for anything else."""
        try:
            data: dict[str, Any] = json.loads(text)
            if data["version"] != VERSION:
                raise ValueError(f"this report has version {data['version']}, not {VERSION}")
            data["tasks"] = tuple(_task(task) for task in data["tasks"])
            data["by_hand"] = tuple(HandGraded(**entry) for entry in data["by_hand"])
            data["cells"] = tuple(CellNote(**entry) for entry in data["cells"])
            data["refused"] = tuple(Refused(**entry) for entry in data.get("refused", ()))
            return cls(**data)
        except (KeyError, TypeError) as error:
            raise ValueError(f"this is not a report: {error}") from None


def _task(data: Mapping[str, Any]) -> TaskReport:
    checks = tuple(_check(check) for check in data["checks"])
    return TaskReport(**{**data, "checks": checks})


def _check(data: Mapping[str, Any]) -> CheckReport:
    shown = data.get("evidence")
    if shown is None:
        return CheckReport(**data)
    compared = tuple(_comparison(part) for part in shown["compared"])
    return CheckReport(**{**data, "evidence": Evidence(shown["call"], compared)})


def _comparison(data: Mapping[str, Any]) -> Comparison:
    rows = {key: tuple(tuple(row) for row in data[key]) for key in ("expected", "got")}
    planes = tuple(Plane(plane["at"], tuple(plane["levels"])) for plane in data["planes"])
    return Comparison(**{**data, **rows, "differs": tuple(data["differs"]), "planes": planes})


def share_out(points: float, weights: Sequence[float]) -> list[float]:
    """Split ``points`` in proportion to ``weights``, in whole cents that sum to it exactly.

    Method of the largest remainder: everyone gets the whole cents of their share, and the cents
    left over go to the largest fractions, earlier ones first.
    """
    cents = round(points * 100)
    total = sum(weights)
    if total <= 0:
        return [0.0] * len(weights)
    exact = [cents * weight / total for weight in weights]
    shares = [int(value) for value in exact]
    order = sorted(range(len(weights)), key=lambda i: (-(exact[i] - shares[i]), i))
    for i in order[: cents - sum(shares)]:
        shares[i] += 1
    return [share / 100 for share in shares]
