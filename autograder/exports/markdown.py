"""A report as Markdown, for forges and chats (CommonMark with GitHub's tables).

What may come from a student stands in code spans and fenced blocks, where no forge reads HTML,
links, addresses, mentions or numbers of issues. The kit's own words are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..language import say
from ..notebook import printable
from ..report import CheckReport, Report, TaskReport, plain
from ..roster import Student
from .exporter import Exporter, who
from .html import MARKS, REFUSED, WEAK, measured, part, points, scored, waiting, wrapped

__all__ = ["EXPORTER", "code", "escaped", "fenced", "markdown", "person"]

LONGEST_NAME = 200
LONGEST_MESSAGE = 2000
"""Characters of one message; GitHub takes a mebibyte of Markdown in all."""


def code(text: str, *, cell: bool = False) -> str:
    """``text`` as a code span in one line; ``cell`` is for a cell of a table."""
    text = printable(text)[:LONGEST_NAME]
    if not text.strip():
        return "–"
    ticks = _ticks(text, 1)
    # A bar ends a cell, in code too, and forges differ in what they make of a backslash before it.
    if cell:
        text = text.replace("|", "\N{BROKEN BAR}")
    return (
        f"{ticks} {text} {ticks}" if "`" in text or text != text.strip() else ticks + text + ticks
    )


def fenced(text: str) -> str:
    """``text`` as a fenced block, long lines wrapped."""
    text = plain(text)
    if len(text) > LONGEST_MESSAGE:
        text = f"{text[:LONGEST_MESSAGE]} …"
    text = wrapped(text)
    ticks = _ticks(text, 3)
    return f"{ticks}text\n{text}\n{ticks}"


def _ticks(text: str, least: int) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)


def escaped(text: str) -> str:
    """The kit's own ``text`` in one line, so that none of it is taken for Markdown."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", printable(text))


def person(student: Student, *, cell: bool = False) -> str:
    """Who it is: the name, and the id where they differ."""
    if not student.name or student.name == student.id:
        return code(student.id, cell=cell)
    return f"{code(student.name, cell=cell)} ({code(student.id, cell=cell)})"


def markdown(reports: Sequence[Report], students: Mapping[str, Student]) -> str:
    """The reports, one below the other."""
    return "\n\n".join(_report(report, who(report, students)) for report in reports) + "\n"


def _report(report: Report, student: Student) -> str:
    name = escaped(report.assignment) or escaped(say("no assignment"))
    parts = [f"## {person(student)}: {name}" if student.id else f"## {name}"]
    if report.status != "graded":
        return "\n\n".join([*parts, f"**{escaped(say(report.status))}**", fenced(report.message)])
    found = {"points": f"**{scored(report)}**", "isolation": escaped(report.isolation)}
    if report.hidden_checks:
        text = say(
            "{points}, for the tasks that are graded automatically. Sandbox: {isolation}.", **found
        )
    else:
        text = say(
            "{points} by the public checks, for the tasks that are graded automatically. "
            "Sandbox: {isolation}.",
            **found,
        )
    parts.append(text)
    if report.by_hand:
        tasks = ", ".join(code(task.task) for task in report.by_hand)
        parts.append(say("Graded by hand, and not in this sum: {tasks}.", tasks=tasks))
    if report.isolation in WEAK:
        parts.append(f"**{escaped(say(WEAK[report.isolation]))}**")
    if report.refused:
        parts.append(escaped(say(REFUSED)))
        parts.append("\n".join(f"- {code(str(act))}" for act in report.refused))
    if report.cells:
        parts.append(say("Cells that did not run through:"))
        for note in report.cells:
            parts += [f"{code(note.cell)}: {code(say(note.status))}", fenced(note.message)]
    parts.append(_table(report.tasks))
    for task in report.tasks:
        if any(check.message for check in task.checks):
            parts += _task(task)
    return "\n\n".join(parts)


def _table(tasks: Sequence[TaskReport]) -> str:
    head = (say("task"), say("points"), say("checks passed"))
    rows = [f"| {' | '.join(head)} |", "| --- | ---: | ---: |"]
    for task in tasks:
        passed = sum(check.verdict == "passed" for check in task.checks)
        rows.append(
            f"| {'✓' if task.passed else '✗'} {code(task.task)} "
            f"| {part(points(task.points), points(task.max_points))} "
            f"| {part(passed, len(task.checks))} |"
        )
    return "\n".join(rows)


def _task(task: TaskReport) -> list[str]:
    parts = [f"### {code(task.task)}: {scored(task)}"]
    for check in task.checks:
        if check.message and not check.waits:
            title = escaped(check.title)
            if check.hidden:
                title = say("{title} (hidden)", title=title)
            parts.append(f"{MARKS[check.verdict]} {title}: {say(check.verdict)}")
            parts.append(fenced(told(check)))
    if any(check.waits for check in task.checks):
        parts.append(f"– {escaped(waiting(task))}")
    return parts


def told(check: CheckReport) -> str:
    """All that there is to say of a check: message, measured time, hint."""
    parts = [check.message]
    if check.yardsticks:
        parts.append(measured(check))
    if check.hint:
        parts.append(say("Hint: {hint}", hint=check.hint))
    return "\n".join(parts)


EXPORTER = Exporter(
    "markdown",
    "reports as Markdown, for any forge or chat",
    "report.md",
    markdown,
)
