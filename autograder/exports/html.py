"""A report as HTML, for a notebook's output and for pages.

Inline styles only, no script and no outside request; colours are those of the page around it, and
nothing is told by colour alone. What comes from a submission is escaped.
"""

from __future__ import annotations

from html import escape

from ..report import CheckReport, Report, TaskReport, Verdict

__all__ = ["MARKS", "points", "report_html", "task_html"]

MARKS: dict[Verdict, str] = {
    "passed": "✓",
    "failed": "✗",
    "error": "!",
    "timeout": "✗",
    "out of memory": "✗",
    "crashed": "✗",
    "not attempted": "–",
}

_COLOURS = {"✓": "#2e7d32", "✗": "#c62828", "–": "#777777", "!": "#b26a00"}


def points(value: float) -> str:
    """A number of points without needless zeros: ``3``, ``2.5``, ``1.33``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def task_html(task: TaskReport, *, heading: str = "", footer: str = "") -> str:
    """One task: a line that sums up, then a line for each check, with what to do about it."""
    passed = sum(check.verdict == "passed" for check in task.checks)
    total = f"{passed} of {len(task.checks)} checks passed"
    colour = _COLOURS["✓" if task.passed else "✗"]
    head = (
        f'<p style="margin:0 0 6px 0"><strong>{escape(heading or task.title)}</strong> '
        f"· {points(task.points)} of {points(task.max_points)} points · {total}</p>"
    )
    rows = "".join(_check_html(check) for check in task.checks)
    end = f'<p style="margin:6px 0 0 0">{footer}</p>' if footer else ""
    return (
        f'<div style="border-left:4px solid {colour};padding:6px 12px;line-height:1.45">'
        f"{head}{rows}{end}</div>"
    )


def _check_html(check: CheckReport) -> str:
    mark = MARKS[check.verdict]
    name = escape(check.title) + (" (hidden)" if check.hidden else "")
    head = (
        f'<span style="color:{_COLOURS[mark]};font-weight:bold">{mark}</span> '
        f"{name} <em>{escape(check.verdict)}</em>"
    )
    if check.verdict == "passed" or not check.message or check.waits:
        return f'<p style="margin:2px 0">{head}</p>'
    message = escape(check.message)
    hint = f'<p style="margin:4px 0"><strong>Hint.</strong> {escape(check.hint)}</p>'
    return (
        f'<div style="margin:2px 0"><p style="margin:2px 0">{head}</p>'
        '<div style="margin:2px 0 6px 20px"><pre style="white-space:pre-wrap;margin:2px 0">'
        f"{message}</pre>{hint if check.hint else ''}</div></div>"
    )


def report_html(report: Report) -> str:
    """A whole report, as a part of a page."""
    if report.status != "graded":
        return f"<p><strong>{escape(report.status)}</strong>: {escape(report.message)}</p>"
    head = (
        f"<p><strong>{points(report.points)} of {points(report.max_points)}</strong> points "
        f"for the tasks that are graded automatically. Sandbox: {escape(report.isolation)}.</p>"
    )
    if report.isolation == "process":
        head += "<p><strong>Graded without a sandbox</strong> (isolation: process).</p>"
    notes = "".join(
        f"<li>{escape(note.cell)}: <em>{escape(note.status)}</em>"
        f'<pre style="white-space:pre-wrap;margin:2px 0">{escape(note.message)}</pre></li>'
        for note in report.cells
    )
    cells = f"<p>Cells that did not run through:</p><ul>{notes}</ul>" if notes else ""
    return head + cells + "".join(task_html(task) for task in report.tasks)
