"""GitHub Actions: a job's summary in Markdown, and annotations as workflow commands.

An annotation is a line ``::error file=…,line=…,title=…::message`` on standard output, in which the
runner reads ``%0A`` as a line feed (and ``%25``, ``%0D``, ``%3A``, ``%2C`` likewise).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ..assignments import find
from ..language import say
from ..notebook import printable
from ..report import Report, TaskReport, plain
from ..roster import Student
from .exporter import Exporter, File, Option, who
from .html import named, part, points, scored
from .markdown import LONGEST_MESSAGE, code, escaped, markdown, person, told

__all__ = ["ANNOTATIONS", "SUMMARY", "summary", "workflow_command", "workflow_commands"]

LARGEST_SUMMARY = 900_000
"""Bytes; GitHub refuses a summary of more than a mebibyte, all of it."""


def summary(reports: Sequence[Report], students: Mapping[str, Student]) -> str:
    """One report in full; of several, a table with a row each."""
    if len(reports) == 1:
        return markdown(reports, students)
    head = (
        say("submission"),
        say("assignment"),
        say("status"),
        say("points"),
        say("tasks with points missing"),
    )
    lines = [f"| {' | '.join(head)} |", "| --- | --- | --- | ---: | --- |"]
    size = 0
    for number, report in enumerate(reports):
        line = _row(report, who(report, students))
        size += len(line.encode()) + 1
        if size > LARGEST_SUMMARY:
            lines += ["", say("{count} more are not shown here.", count=len(reports) - number)]
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def _row(report: Report, student: Student) -> str:
    missing = [code(task.task, cell=True) for task in report.tasks if not task.passed]
    if report.status == "graded":
        total, remark = part(points(report.points), points(report.max_points)), missing
    else:
        total, remark = "–", [code(report.message, cell=True)]
    cells = [person(student, cell=True), escaped(report.assignment), say(report.status), total]
    return f"| {' | '.join([*cells, ', '.join(remark)])} |"


def workflow_commands(
    reports: Sequence[Report], students: Mapping[str, Student], *, notebook: File | None = None
) -> str:
    """One line for each task that lacks points.

    With ``notebook``, the submission itself, an annotation stands at the line where the task's
    function is defined. Raises ``ValueError`` for a notebook beside several reports.
    """
    if notebook is not None and len(reports) != 1:
        raise ValueError("--notebook goes with one report; say which with --assignment, --student")
    return "".join(
        line + "\n"
        for report in reports
        for line in _lines(report, who(report, students), notebook, alone=len(reports) == 1)
    )


def _lines(
    report: Report, student: Student, notebook: File | None, *, alone: bool
) -> Iterator[str]:
    file = notebook.name if notebook is not None else _usual_file(report)
    name = "" if alone else f"{student.name or student.id}: "
    if report.status != "graded":
        # What is our fault is no error of the one who reads this.
        level = "error" if report.status == "unreadable" else "warning"
        yield workflow_command(level, file, 0, f"{name}{say(report.status)}", report.message)
        return
    for task in report.tasks:
        if not task.passed:
            title = f"{name}{task.task}: {scored(task)}"
            line = _line_of(task.task, notebook.text) if notebook is not None else 0
            yield workflow_command("error", file, line, title, _message(task))


def _usual_file(report: Report) -> str:
    try:
        return find(report.assignment).notebook
    except KeyError:
        return ""


def _line_of(task: str, source: str) -> int:
    """The line of a notebook's JSON, from 1, where the function was last defined; 0 if nowhere."""
    # A line of the notebook begins a text in JSON, or stands behind an escaped line feed.
    start = re.compile(rf'(?:"|\\n)[ \t]*def {re.escape(task)}[ \t]*\(')
    found = [n for n, line in enumerate(source.split("\n"), 1) if start.search(line)]
    return found[-1] if found else 0


def _message(task: TaskReport) -> str:
    lines = []
    for check in task.checks:
        if check.verdict != "passed" and not check.waits:
            lines.append(f"{named(check)}: {say(check.verdict)}\n{told(check)}".strip())
    waiting = sum(check.waits for check in task.checks)
    if waiting:
        lines.append(say("Not tried yet: {count} more.", count=waiting))
    return "\n".join(lines)


def workflow_command(level: str, file: str, line: int, title: str, message: str) -> str:
    """The line that makes an annotation; ``level`` is ``error``, ``warning`` or ``notice``.

    Without a file ('') it stands at the job, without a line (0) at the file.
    """
    properties = {"file": file, "line": str(line) if line else "", "title": printable(title)}
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{level} {said}::{_data(plain(message)[:LONGEST_MESSAGE])}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


SUMMARY = Exporter(
    "github",
    "a job's summary for GitHub Actions: --out - >> $GITHUB_STEP_SUMMARY",
    "summary.md",
    summary,
)

ANNOTATIONS = Exporter(
    "github-annotations",
    "annotations for GitHub Actions, which reads them from the output: --out -",
    "annotations.txt",
    workflow_commands,
    (Option("notebook", "the notebook, to annotate the lines of its functions", is_file=True),),
)
