"""A report as HTML, for a notebook's output and for pages.

Inline styles only, no script and no outside request; the text has the colours of the page around
it, light or dark, and nothing is told by colour alone. What comes from a submission is escaped.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from ..language import ENGLISH, language, say, term
from ..report import CheckReport, Report, TaskReport, Verdict
from .evidence import evidence_html

__all__ = [
    "MARKS",
    "REFUSED",
    "WEAK",
    "counted",
    "in_language",
    "measured",
    "named",
    "part",
    "points",
    "report_html",
    "scored",
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
    "process": term("Graded without a sandbox: do this with your own work only."),
    "seatbelt": term(
        "Graded in a weaker sandbox (seatbelt): processes and memory were not limited."
    ),
}
"""What to say of a report whose sandbox would not have held a hostile program, by its level."""

REFUSED = term("Refused, as to every notebook that is graded (most of it has an innocent reason):")

VERDICTS = (
    term("passed"),
    term("failed"),
    term("error"),
    term("timeout"),
    term("out of memory"),
    term("crashed"),
    term("not attempted"),
    term("not run"),
    term("not graded"),
    term("unreadable"),
)
"""The words for how a check, a cell, or a whole submission went, which are said as they are."""

_PASSED, _NOT_PASSED = "#2e8b57", "#d1495b"
"""Of the bar at a task's side: three times as bright or dark as white and as nearly black."""


def points(value: float) -> str:
    """A number of points without needless zeros: ``3``, ``2.5``, ``1.33``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def counted(task: TaskReport) -> str:
    """How many checks of ``task`` passed, in words."""
    passed = sum(check.verdict == "passed" for check in task.checks)
    return say("{passed} of {count} checks passed", passed=passed, count=len(task.checks))


def part(some: object, whole: object) -> str:
    """How many of how many: ``2 of 3``."""
    return say("{some} of {whole}", some=some, whole=whole)


def scored(found: TaskReport | Report) -> str:
    """How many points there are, in words: ``2 of 3 points``."""
    return say(
        "{points} of {most} points", points=points(found.points), most=points(found.max_points)
    )


def named(check: CheckReport) -> str:
    """The title of ``check``, which says whether it is hidden."""
    return say("{title} (hidden)", title=check.title) if check.hidden else check.title


def measured(check: CheckReport) -> str:
    """A sentence on how long the function of ``check`` took, which has been measured."""
    return say("Measured: {times:g} times the yardstick.", times=check.yardsticks)


def in_language() -> str:
    """The attribute of an element whose text is in the language of the course; nothing in English,
    which is that of the pages around it."""
    return "" if language() == ENGLISH else f' lang="{escape(language())}"'


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
    head = f"<div><strong>{title}</strong> · {escape(scored(task))} · {escape(counted(task))}</div>"
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
    foot = f"<div><strong>{escape(say('Next.'))}</strong> {escape(footer)}</div>" if footer else ""
    style = f"border-left:4px solid {colour};padding:6px 12px;line-height:1.45"
    return (
        f'<div{in_language()} style="{style}">{head}'
        f"{_passed_html(quiet, fold)}{''.join(lines)}{foot}</div>"
    )


def _passed_html(checks: Sequence[CheckReport], fold: bool) -> str:
    if not checks:
        return ""
    names = "".join(f"<li>✓ {escape(named(check))}</li>" for check in checks)
    if len(checks) == 1:
        count = say("1 check passed")
    else:
        count = say("{count} checks passed", count=len(checks))
    return _folded(
        f"✓ {escape(count)}",
        f'<ul style="list-style:none;padding-left:20px;margin:2px 0">{names}</ul>',
        "margin:4px 0",
        fold,
    )


def _folded(summary: str, inside: str, style: str, fold: bool) -> str:
    if not fold:
        return f'<div style="{style}">{summary}:{inside}</div>'
    return f'<details style="{style}"><summary>{summary}</summary>{inside}</details>'


def _check_html(check: CheckReport, with_hint: bool, fold: bool) -> str:
    reason, rest = told(check)
    head = (
        f"<strong>{MARKS[check.verdict]} {escape(named(check))}</strong> "
        f"<em>{escape(say(check.verdict))}</em>"
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
        what = say("More")
        if check.evidence is not None and check.evidence.compared:
            what = say("What was expected, and what came")
        elif check.evidence is not None:
            what = say("What was called")
        inside = _folded(
            escape(what),
            f'<div style="margin:4px 0 4px 12px">{inside}</div>',
            "margin:2px 0 2px 20px",
            fold,
        )
    below = ""
    if check.yardsticks:
        below += f"<div>{escape(measured(check))}</div>"
    if check.hint and with_hint:
        below += f"<div><strong>{escape(say('Hint.'))}</strong> {escape(check.hint)}</div>"
    below = f'<div style="margin-left:20px">{below}</div>' if below else ""
    return f'<div style="margin:6px 0"><div>{head}{said}</div>{inside}{below}</div>'


def waiting(task: TaskReport) -> str:
    """One sentence on the checks of ``task`` that were not tried yet."""
    names = [named(check) for check in task.checks if check.waits]
    if len(names) == 1:
        return say("1 check was not tried yet: {names}", names=names[0])
    return say(
        "{count} checks were not tried yet: {names}", count=len(names), names=", ".join(names)
    )


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
        status = f"<strong>{escape(say(report.status))}</strong>"
        return f"<div{in_language()}>{status}: {escape(report.message)}</div>"
    head = escape(
        say(
            "{score} points for the tasks that are graded automatically. Sandbox: {isolation}.",
            score="{score}",
            isolation=report.isolation,
        )
    )
    score = escape(part(points(report.points), points(report.max_points)))
    head = f"<div>{head.replace('{score}', f'<strong>{score}</strong>')}</div>"
    if report.isolation in WEAK:
        head += f"<div><strong>{escape(say(WEAK[report.isolation]))}</strong></div>"
    if report.refused:
        acts = "".join(f"<li>{escape(str(act))}</li>" for act in report.refused)
        head += f"<div>{escape(say(REFUSED))}<ul>{acts}</ul></div>"
    notes = "".join(
        f"<li>{escape(note.cell)}: <em>{escape(say(note.status))}</em>"
        f'<pre style="white-space:pre-wrap;margin:2px 0">{escape(wrapped(note.message))}</pre></li>'
        for note in report.cells
    )
    if notes:
        head += f"<div>{escape(say('Cells that did not run through:'))}<ul>{notes}</ul></div>"
    if in_language():
        head = f"<div{in_language()}>{head}</div>"
    return head + "".join(task_html(task) for task in report.tasks)
