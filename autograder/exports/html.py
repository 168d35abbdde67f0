"""A report as HTML, for a notebook's output and for pages.

Inline styles only, no script and no outside request; the text has the colours of the page around
it, light or dark, and nothing is told by colour alone. What comes from a submission is escaped.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from ..report import CheckReport, Report, TaskReport, Verdict
from .evidence import evidence_html

__all__ = [
    "MARKS",
    "REFUSED",
    "WEAK",
    "counted",
    "points",
    "report_html",
    "task_html",
    "told",
    "waiting",
    "wrapped",
]

MARKS: dict[Verdict, str] = {
    "passed": "✓",
    "failed": "✗",
    "error": "!",
    "timeout": "✗",
    "out of memory": "✗",
    "crashed": "✗",
    "not attempted": "–",
}

WEAK = {
    "process": "Graded without a sandbox: do this with your own work only.",
    "seatbelt": "Graded in a weaker sandbox (seatbelt): processes and memory were not limited.",
}
"""What to say of a report whose sandbox would not have held a hostile program, by its level."""

REFUSED = "Refused, as to every notebook that is graded (most of it has an innocent reason):"

_PASSED, _NOT_PASSED = "#2e8b57", "#d1495b"
"""Of the bar at a task's side: three times as bright or dark as white and as nearly black."""


def points(value: float) -> str:
    """A number of points without needless zeros: ``3``, ``2.5``, ``1.33``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def counted(task: TaskReport) -> str:
    """How many checks of ``task`` passed, in words."""
    passed = sum(check.verdict == "passed" for check in task.checks)
    return f"{passed} of {len(task.checks)} checks passed"


def told(check: CheckReport) -> tuple[str, str]:
    """Why ``check`` did not pass: in one sentence, and what its message says besides."""
    lines = check.message.splitlines()
    reason = check.reason or (lines[0] if lines else "")
    rest = "\n".join(line for line in lines if line != reason)
    return reason, rest


def task_html(task: TaskReport, *, heading: str = "", footer: str = "", fold: bool = True) -> str:
    """One task: a line that sums up, the checks that passed in a fold, then each of the others
    with why, what it saw in a fold, a hint; and ``footer``, a text.

    ``fold=False`` is for pages that do not let a fold through, as nbgrader's of feedback.
    """
    colour = _PASSED if task.passed else _NOT_PASSED
    title = escape(heading or task.title)
    head = (
        f"<div><strong>{title}</strong> "
        f"· {points(task.points)} of {points(task.max_points)} points · {counted(task)}</div>"
    )
    quiet = [check for check in task.checks if check.verdict == "passed" and not check.message]
    lines = []
    hints: set[str] = set()
    for check in task.checks:
        if check not in quiet and not check.waits:
            # The same hint again would only hide the others.
            lines.append(_check_html(check, check.hint not in hints, fold))
            hints.add(check.hint)
    if any(check.waits for check in task.checks):
        lines.append(f"<div>– {escape(waiting(task))}</div>")
    foot = f"<div><strong>Next.</strong> {escape(footer)}</div>" if footer else ""
    return (
        f'<div style="border-left:4px solid {colour};padding:6px 12px;line-height:1.45">{head}'
        f"{_passed_html(quiet, fold)}{''.join(lines)}{foot}</div>"
    )


def _passed_html(checks: Sequence[CheckReport], fold: bool) -> str:
    if not checks:
        return ""
    names = "".join(f"<li>✓ {_name(check)}</li>" for check in checks)
    count = f"{len(checks)} {'check' if len(checks) == 1 else 'checks'} passed"
    return _folded(
        f"✓ {count}",
        f'<ul style="list-style:none;padding-left:20px;margin:2px 0">{names}</ul>',
        "margin:4px 0",
        fold,
    )


def _folded(summary: str, inside: str, style: str, fold: bool) -> str:
    if not fold:
        return f'<div style="{style}">{summary}:{inside}</div>'
    return f'<details style="{style}"><summary>{summary}</summary>{inside}</details>'


def _name(check: CheckReport) -> str:
    return escape(check.title) + (" (hidden)" if check.hidden else "")


def _check_html(check: CheckReport, with_hint: bool, fold: bool) -> str:
    reason, rest = told(check)
    head = (
        f"<strong>{MARKS[check.verdict]} {_name(check)}</strong> <em>{escape(check.verdict)}</em>"
    )
    said = f": {escape(reason)}" if reason else ""
    inside = ""
    if rest:
        inside += (
            f'<pre style="white-space:pre-wrap;margin:2px 0 8px 0">{escape(wrapped(rest))}</pre>'
        )
    if check.evidence is not None:
        inside += evidence_html(check.evidence)
    if inside:
        what = "More"
        if check.evidence is not None:
            compared = check.evidence.compared
            what = "What was expected, and what came" if compared else "What was called"
        inside = _folded(
            what,
            f'<div style="margin:4px 0 4px 12px">{inside}</div>',
            "margin:2px 0 2px 20px",
            fold,
        )
    below = ""
    if check.yardsticks:
        below += f"<div>Measured: {check.yardsticks:.0f} times the yardstick.</div>"
    if check.hint and with_hint:
        below += f"<div><strong>Hint.</strong> {escape(check.hint)}</div>"
    below = f'<div style="margin-left:20px">{below}</div>' if below else ""
    return f'<div style="margin:6px 0"><div>{head}{said}</div>{inside}{below}</div>'


def waiting(task: TaskReport) -> str:
    """One sentence on the checks of ``task`` that were not tried yet."""
    names = [f"{c.title} (hidden)" if c.hidden else c.title for c in task.checks if c.waits]
    count = "1 check was" if len(names) == 1 else f"{len(names)} checks were"
    return f"{count} not tried yet: {', '.join(names)}"


def wrapped(text: str, width: int = 96) -> str:
    """``text`` with long lines broken, because a page that strips styles cannot wrap them."""
    lines = []
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        lines += textwrap.wrap(
            line, width, subsequent_indent=indent, replace_whitespace=False,
            break_on_hyphens=False, drop_whitespace=True,
        ) or [""]  # fmt: skip
    return "\n".join(lines)


def report_html(report: Report) -> str:
    """A whole report, as a part of a page."""
    if report.status != "graded":
        return f"<div><strong>{escape(report.status)}</strong>: {escape(report.message)}</div>"
    head = (
        f"<div><strong>{points(report.points)} of {points(report.max_points)}</strong> points "
        f"for the tasks that are graded automatically. Sandbox: {escape(report.isolation)}.</div>"
    )
    if report.isolation in WEAK:
        head += f"<div><strong>{escape(WEAK[report.isolation])}</strong></div>"
    if report.refused:
        acts = "".join(f"<li>{escape(str(act))}</li>" for act in report.refused)
        head += f"<div>{REFUSED}<ul>{acts}</ul></div>"
    notes = "".join(
        f"<li>{escape(note.cell)}: <em>{escape(note.status)}</em>"
        f'<pre style="white-space:pre-wrap;margin:2px 0">{escape(wrapped(note.message))}</pre></li>'
        for note in report.cells
    )
    cells = f"<div>Cells that did not run through:<ul>{notes}</ul></div>" if notes else ""
    return head + cells + "".join(task_html(task) for task in report.tasks)
