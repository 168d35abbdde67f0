"""A report as plain text, for terminals, logs and screen readers."""

from __future__ import annotations

import textwrap

from ..report import CheckReport, Report, TaskReport
from .evidence import evidence_text
from .html import MARKS, REFUSED, WEAK, counted, points, told, waiting

__all__ = ["report_text", "task_text"]


def task_text(task: TaskReport, footer: str = "", width: int = 10_000) -> str:
    """One task: a line that sums up, one for the checks that passed, and each of the others with
    why, what it saw, and a hint; then ``footer``. Lines are broken at ``width``, but for code."""
    lines = [
        f"{task.task}: {points(task.points)} of {points(task.max_points)} points, {counted(task)}"
    ]
    quiet = [check for check in task.checks if check.verdict == "passed" and not check.message]
    if quiet:
        lines.append(_wrapped(f"  ✓ passed: {', '.join(map(_name, quiet))}", width))
    reasons: set[str] = set()
    for check in task.checks:
        if check not in quiet and not check.waits:
            in_full = not check.mistake or check.reason not in reasons
            lines.append(_check_text(check, in_full, width))
            reasons.add(check.reason)
    if any(check.waits for check in task.checks):
        lines.append(_wrapped(f"  – {waiting(task)}", width))
    if footer:
        lines.append(f"Next: {footer}")
    return "\n".join(lines)


def _name(check: CheckReport) -> str:
    return f"{check.title} (hidden)" if check.hidden else check.title


def _wrapped(line: str, width: int) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(
        line, width, subsequent_indent=indent, replace_whitespace=False, break_on_hyphens=False
    )


def _check_text(check: CheckReport, in_full: bool, width: int) -> str:
    """One check that did not pass, or did with a remark; ``in_full`` unless it is the same known
    mistake as in a check above, where one look at it is enough."""
    reason, rest = told(check)
    lines = [f"  {MARKS[check.verdict]} {_name(check)}: {check.verdict}"]
    lines += [_wrapped(f"      {line}", width) for line in (reason, *rest.splitlines()) if line]
    if check.evidence is not None and in_full:
        shown = evidence_text(check.evidence, min(width, 100) - 10)
        lines.append(textwrap.indent(shown, "      "))
    if check.yardsticks:
        lines.append(f"      Measured: {check.yardsticks:.0f} times the yardstick.")
    if check.hint and in_full:
        lines.append(_wrapped(f"      Hint: {check.hint}", width))
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
