"""A report as HTML, for a notebook's output and for pages.

Inline styles only, no script and no outside request; colours are those of the page around it, and
nothing is told by colour alone. What comes from a submission is escaped.
"""

from __future__ import annotations

import textwrap
from html import escape

from ..report import CheckReport, Report, TaskReport, Verdict

__all__ = ["MARKS", "REFUSED", "WEAK", "points", "report_html", "task_html", "waiting", "wrapped"]

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

_COLOURS = {"✓": "#2e7d32", "✗": "#c62828", "–": "#707070", "!": "#b26a00"}


def points(value: float) -> str:
    """A number of points without needless zeros: ``3``, ``2.5``, ``1.33``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def task_html(task: TaskReport, *, heading: str = "", footer: str = "") -> str:
    """One task: a line that sums up, then a line for each check, with what to do about it."""
    passed = sum(check.verdict == "passed" for check in task.checks)
    total = f"{passed} of {len(task.checks)} checks passed"
    colour = _COLOURS["✓" if task.passed else "✗"]
    head = (
        f"<div><strong>{escape(heading or task.title)}</strong> "
        f"· {points(task.points)} of {points(task.max_points)} points · {total}</div>"
    )
    tried = [check for check in task.checks if not check.waits]
    lines = [_check_html(check) for check in tried]
    if len(tried) < len(task.checks):
        lines.append(f"– {escape(waiting(task))}")
    rows = "".join(f'<li style="margin:2px 0">{line}</li>' for line in lines)
    return (
        f'<div style="border-left:4px solid {colour};padding:6px 12px;line-height:1.45">{head}'
        f'<ul style="list-style:none;padding-left:0;margin:6px 0">{rows}</ul>'
        f"{f'<div>{footer}</div>' if footer else ''}</div>"
    )


def _check_html(check: CheckReport) -> str:
    mark = MARKS[check.verdict]
    name = escape(check.title) + (" (hidden)" if check.hidden else "")
    head = (
        f'<span style="color:{_COLOURS[mark]};font-weight:bold">{mark}</span> '
        f"{name} <em>{escape(check.verdict)}</em>"
    )
    if not check.message:
        return head
    measured = (
        f"<div>Measured: {check.yardsticks:.0f} times the yardstick.</div>"
        if check.yardsticks
        else ""
    )
    hint = f"<div><strong>Hint.</strong> {escape(check.hint)}</div>" if check.hint else ""
    return (
        f'{head}<div style="margin:2px 0 6px 20px">'
        f'<pre style="white-space:pre-wrap;margin:2px 0">{escape(wrapped(check.message))}</pre>'
        f"{measured}{hint}</div>"
    )


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
