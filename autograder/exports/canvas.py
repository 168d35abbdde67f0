"""Canvas: the table that its gradebook imports, made anew or filled in where Canvas wrote it.

The format is that of Canvas' own export: five columns that say who, one for each assignment, and
below the headings a row with the points that are possible. Rows are matched by ``ID``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..report import Report
from ..roster import Student
from .exporter import Exporter, File, Option, assignments_of, gradable, leave_out, who
from .html import points
from .tables import Sheet, read_sheet, table_text

__all__ = ["EXPORTER", "canvas"]

PEOPLE = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POSSIBLE = "    Points Possible"
"""What Canvas writes in place of a name, four spaces first."""


def canvas(
    reports: Sequence[Report],
    students: Mapping[str, Student],
    *,
    gradebook: File | None = None,
    column: str = "",
) -> str:
    """The table, or ``gradebook`` with the grades filled in and all else as it was.

    ``column`` is the heading of the assignment's column, with or without Canvas' number behind it;
    by default the assignment's name. Raises ``ValueError`` when the gradebook has no such column.
    """
    kept = gradable(reports)
    names = assignments_of(kept)
    if column and len(names) > 1:
        raise ValueError(f"--column names one column, and here are {', '.join(names)}; "
                         "say which with --assignment")  # fmt: skip
    headings = {name: column or name for name in names}
    if gradebook is not None:
        return _filled(read_sheet(gradebook), kept, students, headings)
    return _made(kept, students, headings)


def _made(
    reports: Sequence[Report], students: Mapping[str, Student], headings: Mapping[str, str]
) -> str:
    possible: dict[str, str] = {"Student": POSSIBLE}
    rows: dict[str, dict[str, str]] = {}
    for report in reports:
        heading, student = headings[report.assignment], who(report, students)
        if not student.number and not student.login:
            leave_out(f"{report.student}: neither Canvas' number nor the login is known, so this "
                      "row is not matched; fill in Canvas' own file with --gradebook")  # fmt: skip
        row = rows.setdefault(
            report.student,
            {
                "Student": student.name or student.id,
                "ID": student.number,
                "SIS Login ID": student.login,
            },
        )
        row[heading] = points(report.points)
        possible[heading] = points(max(float(possible.get(heading, 0)), report.max_points))
    return table_text([*PEOPLE, *headings.values()], [possible, *rows.values()])


def _filled(
    sheet: Sheet,
    reports: Sequence[Report],
    students: Mapping[str, Student],
    headings: Mapping[str, str],
) -> str:
    sheet.need(["ID"], "export the gradebook from Canvas (Grades, Export) and use that file")
    found = {name: _column(sheet, heading) for name, heading in headings.items()}
    places: dict[str, list[int]] = {}
    for number, row in sheet.rows:
        if row["ID"].strip():
            places.setdefault(row["ID"].strip(), []).append(number)
    for report in reports:
        rows = places.get(who(report, students).number.strip(), [])
        if not rows:
            leave_out(f"{report.student} ({report.assignment}) has no row in {sheet.name}")
        for place in rows:
            sheet.set(place, found[report.assignment], points(report.points))
    return sheet.text()


def _column(sheet: Sheet, heading: str) -> str:
    def bare(text: str) -> str:
        return re.sub(r"\s*\(\d+\)\s*\Z", "", text).strip().casefold()

    exact = [name for name in sheet.columns if name == heading]
    alike = [name for name in sheet.columns if bare(name) == bare(heading)]
    found = exact or alike
    if len(found) != 1:
        rest = [name for name in sheet.columns if name not in PEOPLE and name.strip()]
        raise ValueError(
            f"{sheet.name} has {len(found) or 'no'} columns for {heading!r}; "
            f"say its heading with --column. There are: {', '.join(rest)}"
        )
    return found[0]


EXPORTER = Exporter(
    "canvas",
    "for the import of Canvas' gradebook",
    "canvas.csv",
    canvas,
    (
        Option("gradebook", "fill in this file, which Canvas exported", is_file=True),
        Option("column", "the heading of the assignment's column in Canvas"),
    ),
)
