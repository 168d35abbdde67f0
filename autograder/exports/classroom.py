"""GitHub Classroom: the points of one repository.

Classroom reads them from two notices that its action ``autograding-grading-reporter`` prints. That
action takes, from an environment variable in base64, an object with ``status``, ``max_score`` and
``tests``, and adds up what each test has as its ``score``. So there are two forms: that object for
the action, and the two notices themselves for a job that does without it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..language import say
from ..report import Report, TaskReport
from ..roster import Student
from .exporter import Exporter, Option, assignments_of
from .github import workflow_command
from .html import points, scored

__all__ = ["EXPORTER", "classroom"]

FORMS = ("results", "notices")


def classroom(
    reports: Sequence[Report], students: Mapping[str, Student], *, form: str = "results"
) -> str:
    """The sum of all ``reports``, which are those of one repository: at most one an assignment.

    A test is a task. Nothing that a student wrote is in it, because the action prints it where the
    runner obeys lines that begin with two colons. Raises ``ValueError`` for two reports on one
    assignment, and for one that was not graded: without a result, Classroom keeps what it has.
    """
    for report in reports:
        if report.status == "not graded":
            raise ValueError(f"there are no points, because it was not graded: {report.message}")
    for name in assignments_of(reports):
        if sum(report.assignment == name for report in reports) > 1:
            raise ValueError(
                f"there are several notebooks of {name}; say which one counts, or remove the others"
            )
    total = round(sum(report.points for report in reports), 2)
    most = round(sum(report.max_points for report in reports), 2)
    if form == "notices":
        return _notices(total, most)
    tests = [test for report in reports for test in _tests(report)]
    result = {
        "version": 1,
        "status": "pass" if all(test["status"] == "pass" for test in tests) else "fail",
        "max_score": _number(most),
        "tests": tests,
    }
    return json.dumps(result, ensure_ascii=False, allow_nan=False) + "\n"


def _notices(total: float, most: float) -> str:
    """As the action prints them: nothing where there is nothing to get."""
    if not most:
        return ""
    counts = {"totalPoints": _number(total), "maxPoints": _number(most)}
    lines = (
        ("Autograding complete", f"Points {points(total)}/{points(most)}"),
        ("Autograding report", json.dumps(counts, separators=(",", ":"))),
    )
    return "".join(f"{workflow_command('notice', '', 0, title, text)}\n" for title, text in lines)


def _tests(report: Report) -> list[dict[str, Any]]:
    if report.status != "graded":
        name = f"{report.assignment or 'the notebook'} can be read"
        message = say("It is no notebook of an assignment, or is damaged; the summary says more.")
        return [{"name": name, "status": "error", "score": 0, "message": message}]
    return [
        {
            "name": f"{report.assignment}: {task.task}",
            "status": "pass" if task.passed else "fail",
            "score": _number(task.points),
            "message": "" if task.passed else _message(task),
        }
        for task in report.tasks
    ]


def _message(task: TaskReport) -> str:
    failed = [c for c in task.checks if c.verdict != "passed" and not c.waits]
    lost = [f"{check.title}: {say(check.verdict)}" for check in failed]
    return f"{scored(task)}. {'. '.join(lost)}".strip()


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else round(value, 2)


EXPORTER = Exporter(
    "classroom",
    "points for GitHub Classroom",
    "classroom.json",
    classroom,
    (
        Option(
            "form",
            "what its reporting action takes, or the notices that it would print",
            choices=FORMS,
            default="results",
        ),
    ),
)
