"""A :class:`Readiness` in words: for a terminal, for a page, for a screen reader."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from ..exports.html import MARKS as VERDICT_MARKS
from ..exports.html import WEAK, points
from ..report import Report, plain
from .flaws import HEADINGS, MARKS, Flaw, Readiness, Weight

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["readiness_html", "readiness_text", "readiness_words"]

_STYLES: dict[Weight, str] = {"mend": "bold red", "warning": "yellow", "note": "dim"}
_COLOURS: dict[Weight, str] = {"mend": "#c62828", "warning": "#b26a00", "note": "#707070"}
_READY = "#2e7d32"
WIDTH = 96
NOT_WRITTEN = "Not written: leave them if you mean to"


def readiness_text(found: Readiness) -> Text:
    """For rich. What a style says, the words say too."""
    from rich.text import Text  # a notebook does without

    text = Text()
    for line, style in _lines(found):
        text.append(line + "\n", style)
    text.rstrip()
    return text


def readiness_words(found: Readiness) -> str:
    """The same without styles."""
    return "\n".join(line for line, _ in _lines(found))


def _lines(found: Readiness) -> Iterator[tuple[str, str]]:
    yield _title(found), "bold"
    for weight, heading in HEADINGS.items():
        flaws = found.of(weight)
        if flaws:
            yield "", ""
            yield heading, "bold"
        for flaw in flaws:
            yield f"  {MARKS[weight]} {_place(flaw)}", _STYLES[weight]
            for label, said in (("", flaw.says), ("So: ", flaw.means), ("Do: ", flaw.todo)):
                for line in textwrap.wrap(label + said, WIDTH - 6, break_on_hyphens=False):
                    yield f"      {line}", ""
    if found.unwritten:
        yield "", ""
        yield NOT_WRITTEN, "bold"
    for flaw in found.unwritten:
        yield f"  {MARKS['warning']} {flaw.where}: {flaw.says} {flaw.means}", ""
    report = found.report
    if report is not None:
        yield "", ""
        if report.status == "graded":
            yield "Public checks after the clean run", "bold"
            for mark, line in _tasks(report):
                yield f"  {mark} {line}", "green" if mark == VERDICT_MARKS["passed"] else ""
            yield f"  {_sum(report)}", ""
        else:
            yield f"The grader failed: {report.message}", "bold"
    yield "", ""
    yield found.verdict, f"bold {'green' if found.ready else 'red'}"


def _title(found: Readiness) -> str:
    name = plain(found.path.name)
    if found.problem:
        return name
    where = "not run"
    if found.report is not None:
        where = f"run from top to bottom in a clean worker (sandbox: {found.report.isolation})"
        if found.report.isolation in WEAK:
            where = f"run from top to bottom in a process of its own ({found.report.isolation})"
    saved = time.strftime("%H:%M:%S", time.localtime(found.saved))
    return f"{name}: {found.assignment}, saved at {saved}, {where}"


def _place(flaw: Flaw) -> str:
    return f"{flaw.where}: {flaw.line}" if flaw.line else flaw.where


def _tasks(report: Report) -> Iterator[tuple[str, str]]:
    """A mark and a line for each task."""
    for task in report.tasks:
        untried = all(check.verdict == "not attempted" for check in task.checks)
        mark = VERDICT_MARKS["passed" if task.passed else "not attempted" if untried else "failed"]
        line = f"{task.task}: {points(task.points)} of {points(task.max_points)} points"
        failed = [c.title for c in task.checks if c.verdict != "passed" and not c.waits]
        if untried:
            line += ", not written yet"
        elif failed:
            line += f", did not pass: {', '.join(failed)}"
        yield mark, line


def _sum(report: Report) -> str:
    total = f"{points(report.points)} of {points(report.max_points)} points by the public checks"
    if report.by_hand:
        hand = sum(entry.max_points for entry in report.by_hand)
        total += f"; {points(hand)} more are given by a person"
    return f"{total}. Grading adds hidden checks of the same kind."


def readiness_html(found: Readiness, remark: str = "") -> str:
    """As a part of a page: inline styles only, everything escaped. ``remark`` stands on top."""
    colour = _READY if found.ready else _COLOURS["mend"]
    parts = [f"<div><strong>{escape(found.verdict)}</strong></div>"]
    if remark:
        parts.append(f"<div><strong>{MARKS['warning']}</strong> {escape(remark)}</div>")
    parts.append(f"<div>{escape(_title(found))}</div>")
    for weight, heading in HEADINGS.items():
        flaws = found.of(weight)
        if not flaws:
            continue
        items = "".join(_flaw_html(flaw) for flaw in flaws)
        content = f'<ul style="list-style:none;padding-left:0;margin:6px 0">{items}</ul>'
        if weight == "note":
            parts.append(f"<details><summary>{escape(heading)}</summary>{content}</details>")
        else:
            parts.append(f'<div style="margin-top:6px"><strong>{escape(heading)}</strong></div>')
            parts.append(content)
    if found.unwritten:
        rows = "".join(
            f"<li>{MARKS['warning']} {escape(f'{flaw.where}: {flaw.says} {flaw.means}')}</li>"
            for flaw in found.unwritten
        )
        parts.append(
            f"<details><summary>{escape(NOT_WRITTEN)}: {len(found.unwritten)}</summary>"
            f'<ul style="list-style:none;padding-left:12px;margin:6px 0">{rows}</ul></details>'
        )
    report = found.report
    if report is not None and report.status == "graded":
        rows = "".join(f"<li>{mark} {escape(line)}</li>" for mark, line in _tasks(report))
        parts.append(
            f"<details><summary>Public checks after the clean run: {escape(_sum(report))}</summary>"
            f'<ul style="list-style:none;padding-left:12px;margin:6px 0">{rows}</ul></details>'
        )
    elif report is not None:
        parts.append(f"<div>The grader failed: {escape(report.message)}</div>")
    return (
        f'<div style="border-left:4px solid {colour};padding:6px 12px;line-height:1.45">'
        f"{''.join(parts)}</div>"
    )


def _flaw_html(flaw: Flaw) -> str:
    code = f": <code>{escape(flaw.line)}</code>" if flaw.line else ""
    mark = (
        f'<span style="color:{_COLOURS[flaw.weight]};font-weight:bold">{MARKS[flaw.weight]}</span>'
    )
    return (
        f'<li style="margin:4px 0">{mark} <strong>{escape(flaw.where)}</strong>{code}'
        f'<div style="margin:2px 0 6px 20px">{escape(flaw.says)}<br>{escape(flaw.means)}<br>'
        f"<strong>Do:</strong> {escape(flaw.todo)}</div></li>"
    )
