"""A report as plain text, for terminals, logs and screen readers."""

from __future__ import annotations

import textwrap

from ..report import Report, TaskReport
from .html import MARKS, REFUSED, WEAK, points, waiting

__all__ = ["report_text", "task_text"]


def task_text(task: TaskReport) -> str:
    """One task, a line for each check, messages indented below."""
    lines = [f"{task.task}: {points(task.points)} of {points(task.max_points)} points"]
    for check in task.checks:
        if check.waits:
            continue
        hidden = " (hidden)" if check.hidden else ""
        lines.append(f"  {MARKS[check.verdict]} {check.title}{hidden}: {check.verdict}")
        if check.message:
            lines.append(textwrap.indent(check.message, "      "))
            if check.yardsticks:
                lines.append(f"      Measured: {check.yardsticks:.0f} times the yardstick.")
            if check.hint:
                lines.append(f"      Hint: {check.hint}")
    if any(check.waits for check in task.checks):
        lines.append(f"  – {waiting(task)}")
    return "\n".join(lines)


def report_text(report: Report, details: bool = True) -> str:
    """A whole report. ``details`` adds the checks of tasks that did not pass."""
    if report.status != "graded":
        return f"{report.student}: {report.status}: {report.message}"
    lines = []
    for note in report.cells:
        lines.append(f"{note.cell}: {note.status}")
        lines.append(textwrap.indent(note.message, "    "))
    if report.refused:
        lines.append(REFUSED)
        lines += [f"    {refused}" for refused in report.refused]
    for task in report.tasks:
        if details and not task.passed:
            lines.append(task_text(task))
        else:
            mark = "✓" if task.passed else "✗"
            lines.append(
                f"{mark} {task.task}: {points(task.points)} of {points(task.max_points)} points"
            )
    lines.append(
        f"{points(report.points)} of {points(report.max_points)} points"
        + ("" if report.hidden_checks else " by the public checks")
        + f" (sandbox: {report.isolation})"
    )
    if report.isolation in WEAK:
        lines.append(WEAK[report.isolation])
    return "\n".join(lines)
