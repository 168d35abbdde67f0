"""Gradescope: ``results.json`` of one submission, and a table of a class for people.

The fields are those of Gradescope's autograder specification. Every text is of the format ``text``,
which Gradescope shows as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..language import say
from ..report import CheckReport, Report, TaskReport, plain
from ..roster import Student
from .exporter import Exporter, Option, gradable, one_assignment, who
from .html import REFUSED, WEAK, named, points
from .markdown import told
from .tables import table_text

__all__ = ["RESULTS", "TABLE", "VISIBILITIES", "results_json", "table"]

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


def results_json(
    reports: Sequence[Report],
    students: Mapping[str, Student],
    *,
    visibility: str = "after_published",
) -> str:
    """``results.json`` of the one report; hidden checks get ``visibility``.

    Raises ``ValueError`` for several reports, and for one that was not graded: where no such file
    is, Gradescope says that the autograder failed, gives no score, and lets staff run it again.
    """
    if len(reports) != 1:
        raise ValueError(
            f"results.json holds one report, and here are {len(reports)}; "
            "say which with --assignment and --student"
        )
    (report,) = reports
    if report.status == "not graded":
        raise ValueError(f"there is no result, because it was not graded: {report.message}")
    result: dict[str, Any] = {
        "score": report.points,
        "execution_time": round(report.seconds),
        "output": _output(report),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        # What the grader prints is for staff: it may name hidden checks.
        "stdout_visibility": "hidden",
        "tests": [
            _test(task, check, f"{place}.{number}", visibility)
            for place, task in enumerate(report.tasks, 1)
            for number, check in enumerate(task.checks, 1)
        ],
        "extra_data": {
            "assignment": report.assignment,
            "status": report.status,
            "isolation": report.isolation,
            "kit": report.kit,
            "seed": report.seed,
            "tasks": {task.task: task.points for task in report.tasks},
        },
    }
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _output(report: Report) -> str:
    if report.status == "unreadable":
        text = say(
            "No points, because the submission could not be read: {problem}",
            problem=report.message,
        )
        return plain(text)
    lines = []
    if report.by_hand:
        tasks = ", ".join(task.title for task in report.by_hand)
        lines.append(say("Graded by hand, and not in this score: {tasks}.", tasks=tasks))
    if report.isolation in WEAK:
        lines.append(say(WEAK[report.isolation]))
    if report.refused:
        lines += [say(REFUSED), *(f"  {act}" for act in report.refused)]
    for note in report.cells:
        lines.append(f"{note.cell}: {say(note.status)}\n{note.message}")
    return plain("\n".join(lines))


def _test(task: TaskReport, check: CheckReport, number: str, visibility: str) -> dict[str, Any]:
    return {
        "number": number,
        "name": f"{task.task}: {named(check)}",
        "name_format": "text",
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.verdict == "passed" else "failed",
        "output": plain(told(check)),
        "output_format": "text",
        "tags": [task.task],
        "visibility": visibility if check.hidden else "visible",
        "extra_data": {"verdict": check.verdict, "mistake": check.mistake},
    }


def table(reports: Sequence[Report], students: Mapping[str, Student]) -> str:
    """The class in the columns of Gradescope's own download of an assignment's grades."""
    kept = gradable(reports)
    if kept:
        one_assignment(kept)
    columns = ["Name", "SID", "Email", "Total Score", "Max Points", "Status", "Submission ID"]
    rows: list[dict[str, Any]] = []
    for report in kept:
        student = who(report, students)
        row = {
            "Name": student.name or student.id,
            "SID": student.login,
            "Email": student.email,
            "Total Score": float(report.points),
            "Max Points": float(report.max_points),
            "Status": "Graded",
            "Submission ID": student.number,
        }
        row |= {_heading(task): task.points for task in report.tasks}
        columns += [name for name in row if name not in columns]
        rows.append(row)
    present = {report.student for report in reports}
    for student in students.values():
        if student.id not in present:
            rows.append({"Name": student.name or student.id, "SID": student.login,
                         "Email": student.email, "Status": "Missing"})  # fmt: skip
    return table_text(columns, rows)


def _heading(task: TaskReport) -> str:
    return f"{task.task} ({points(task.max_points)} pts)"


TABLE = Exporter(
    "gradescope",
    "a class in the columns of Gradescope's own table of grades",
    "gradescope.csv",
    table,
)

RESULTS = Exporter(
    "gradescope-results",
    "results.json of one submission, as Gradescope's autograders write it",
    "results.json",
    results_json,
    (
        Option(
            "visibility",
            "who sees the hidden checks' results",
            choices=VISIBILITIES,
            default="after_published",
        ),
    ),
)
