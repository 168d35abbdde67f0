"""Moodle: a table for its grade import, or its offline grading worksheet filled in.

The worksheet is what an assignment offers under *Download grading worksheet*; its rows are matched
by participant number, the digits of ``Identifier``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..language import say
from ..report import Report, TaskReport
from ..roster import Student
from .exporter import (
    Exporter,
    File,
    Option,
    assignments_of,
    gradable,
    leave_out,
    one_assignment,
    who,
)
from .html import points
from .tables import Sheet, read_sheet, table_text

__all__ = ["EXPORTER", "moodle"]

NEEDED = ("Identifier", "Grade", "Maximum Grade", "Grade can be changed", "Feedback comments")


def moodle(
    reports: Sequence[Report],
    students: Mapping[str, Student],
    *,
    worksheet: File | None = None,
) -> str:
    """The table, one column a grade and one for its feedback, or the ``worksheet`` filled in."""
    kept = gradable(reports)
    if worksheet is not None:
        if kept:
            one_assignment(kept)
        return _filled(read_sheet(worksheet), kept, students)
    rows: dict[str, dict[str, str]] = {}
    columns = ["Full name", "Email address", "Username"]
    for name in assignments_of(kept):
        columns += [name, f"Feedback: {name}"]
    for report in kept:
        student = who(report, students)
        if not student.email and not student.login:
            leave_out(f"{report.student}: neither email address nor login is known, so Moodle "
                      "cannot match this row; fill in its worksheet with --worksheet")  # fmt: skip
        row = rows.setdefault(
            report.student,
            {
                "Full name": student.name or student.id,
                "Email address": student.email,
                "Username": student.login,
            },
        )
        row[report.assignment] = points(report.points)
        row[f"Feedback: {report.assignment}"] = _feedback(report)
    return table_text(columns, rows.values())


def _filled(sheet: Sheet, reports: Sequence[Report], students: Mapping[str, Student]) -> str:
    sheet.need(NEEDED, "download the grading worksheet with Moodle's language set to English")
    rows = {}
    for number, row in sheet.rows:
        participant = re.search(r"(\d+)\s*\Z", row["Identifier"])
        if participant is not None:
            rows[participant[1]] = number, row
    odd: set[tuple[str, str]] = set()
    for report in reports:
        place = rows.get(who(report, students).number.strip())
        if place is None:
            leave_out(f"{report.student} has no row in {sheet.name}")
            continue
        number, row = place
        if row["Grade can be changed"].strip().casefold() == "no":
            leave_out(f"{report.student}: Moodle says that this grade cannot be changed")
            continue
        sheet.set(number, "Grade", points(report.points))
        sheet.set(number, "Feedback comments", _feedback(report))
        if not _fits(row["Maximum Grade"], report):
            odd.add((row["Maximum Grade"], points(report.max_points)))
    for theirs, ours in sorted(odd):
        leave_out(f"the maximum grade is {theirs} in Moodle and {ours} here; points are not "
                  "converted, so set Moodle's maximum first")  # fmt: skip
    return sheet.text()


def _fits(maximum: str, report: Report) -> bool:
    """Whether Moodle's maximum is that of the tasks graded here, or of all tasks."""
    if report.status != "graded":
        return True
    try:
        value = float(maximum)
    except ValueError:
        return False
    by_hand = sum(task.max_points for task in report.by_hand)
    return any(
        abs(value - ours) < 0.005 for ours in (report.max_points, report.max_points + by_hand)
    )


def _feedback(report: Report) -> str:
    """One line of the kit's own words, nothing of a student: Moodle reads it as HTML."""
    if report.status != "graded":
        return say("The file could not be read as a notebook of this assignment.")
    return "; ".join(_task(task) for task in report.tasks)


def _task(task: TaskReport) -> str:
    text = f"{task.task} {points(task.points)}/{points(task.max_points)}"
    missed = [check.title for check in task.checks if check.verdict != "passed" and not check.waits]
    return f"{text} ({', '.join(missed)})" if missed else text


EXPORTER = Exporter(
    "moodle",
    "for Moodle's grade import, or its grading worksheet",
    "moodle.csv",
    moodle,
    (Option("worksheet", "fill in this grading worksheet, which Moodle wrote", is_file=True),),
)
