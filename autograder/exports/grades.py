"""One table for spreadsheets and programs: a row a student and assignment, a column a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..report import Report
from ..roster import Student
from .exporter import Exporter, assignments_of, who
from .tables import table_text

__all__ = ["EXPORTER", "grades"]

COLUMNS = (
    "assignment", "student", "name", "number", "email", "login",
    "status", "points", "max_points", "remark",
)  # fmt: skip


def grades(reports: Sequence[Report], students: Mapping[str, Student]) -> str:
    """The table. Points that mean nothing, and those that a person gives, are empty.

    Students who are known and of whom an assignment has no report get a row with the status
    ``nothing handed in``.
    """
    columns = dict.fromkeys(COLUMNS)
    rows = []
    for report in reports:
        rows.append(_row(report, who(report, students)))
        columns |= dict.fromkeys(task.task for task in report.tasks)
        columns |= dict.fromkeys(task.task for task in report.by_hand)
    present = {(report.assignment, report.student) for report in reports}
    for assignment in assignments_of(reports):
        for student in students.values():
            if (assignment, student.id) not in present:
                rows.append(_person(assignment, student) | {"status": "nothing handed in"})
    rows.sort(key=lambda row: (row["assignment"], row["student"]))
    return table_text(list(columns), rows)


def _person(assignment: str, student: Student) -> dict[str, Any]:
    return {
        "assignment": assignment,
        "student": student.id,
        "name": student.name,
        "number": student.number,
        "email": student.email,
        "login": student.login,
    }


def _row(report: Report, student: Student) -> dict[str, Any]:
    row = _person(report.assignment, student) | {
        "status": report.status,
        "remark": report.message.partition("\n")[0],
    }
    if report.status != "not graded":
        row |= {"points": float(report.points), "max_points": float(report.max_points)}
        row |= {task.task: task.points for task in report.tasks}
    return row


EXPORTER = Exporter(
    "csv",
    "a table for spreadsheets and programs: a row a student, a column a task",
    "grades.csv",
    grades,
)
