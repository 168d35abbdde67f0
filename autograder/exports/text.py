"""A report as plain text, for terminals, logs and screen readers."""

from __future__ import annotations

import textwrap

from ..language import say
from ..report import CheckReport, Report, TaskReport
from .evidence import evidence_text
from .html import MARKS, REFUSED, WEAK, counted, measured, named, points, scored, told, waiting

__all__ = ["report_text", "task_text", "total"]


def task_text(task: TaskReport, footer: str = "", width: int = 10_000) -> str:
    """One task: a line that sums up, one for the checks that passed, and each of the others with
    why, what it saw, and a hint; then ``footer``. Lines are broken at ``width``, but for code."""
    lines = [f"{task.task}: {scored(task)}, {counted(task)}"]
    quiet = [check for check in task.checks if check.verdict == "passed" and not check.message]
    if quiet:
        names = ", ".join(map(named, quiet))
        lines.append(_wrapped(f"  ✓ {say('passed')}: {names}", width))
    reasons: set[str] = set()
    for check in task.checks:
        if check not in quiet and not check.waits:
            in_full = not check.mistake or check.reason not in reasons
            lines.append(_check_text(check, in_full, width))
            reasons.add(check.reason)
    if any(check.waits for check in task.checks):
        lines.append(_wrapped(f"  – {waiting(task)}", width))
    if footer:
        lines.append(say("Next: {advice}", advice=footer))
    return "\n".join(lines)


def _wrapped(line: str, width: int) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(
        line, width, subsequent_indent=indent, replace_whitespace=False, break_on_hyphens=False
    )


def _check_text(check: CheckReport, in_full: bool, width: int) -> str:
    """One check that did not pass, or did with a remark; ``in_full`` unless it is the same known
    mistake as in a check above, where one look at it is enough."""
    reason, rest = told(check)
    lines = [f"  {MARKS[check.verdict]} {named(check)}: {say(check.verdict)}"]
    lines += [_wrapped(f"      {line}", width) for line in (reason, *rest.splitlines()) if line]
    if check.evidence is not None and in_full:
        shown = evidence_text(check.evidence, min(width, 100) - 10)
        lines.append(textwrap.indent(shown, "      "))
    if check.yardsticks:
        lines.append(f"      {measured(check)}")
    if check.hint and in_full:
        lines.append(_wrapped(f"      {say('Hint: {hint}', hint=check.hint)}", width))
    return "\n".join(lines)


def report_text(report: Report, details: bool = True) -> str:
    """A whole report. ``details`` adds the checks of tasks that did not pass."""
    if report.status != "graded":
        return f"{report.student}: {say(report.status)}: {report.message}"
    lines = []
    for note in report.cells:
        lines.append(f"{note.cell}: {say(note.status)}")
        lines.append(textwrap.indent(note.message, "    "))
    if report.refused:
        lines.append(say(REFUSED))
        lines += [f"    {refused}" for refused in report.refused]
    for task in report.tasks:
        if details and not task.passed:
            lines.append(task_text(task))
        else:
            mark = "✓" if task.passed else "✗"
            lines.append(f"{mark} {task.task}: {scored(task)}")
    lines.append(total(report))
    if report.isolation in WEAK:
        lines.append(say(WEAK[report.isolation]))
    return "\n".join(lines)


def total(report: Report) -> str:
    """The points of a whole report and its sandbox, in one line."""
    most = {"points": points(report.points), "most": points(report.max_points)}
    if report.hidden_checks:
        return say(
            "{points} of {most} points (sandbox: {isolation})", **most, isolation=report.isolation
        )
    return say(
        "{points} of {most} points by the public checks (sandbox: {isolation})",
        **most,
        isolation=report.isolation,
    )
