"""The map of an assignment: its tasks in order, what they have brought so far, what is next.

As HTML and as plain text. Points are those of the public checks; written answers have none until a
person has read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Literal

from ..assignments import Assignment, Task
from ..language import say, term
from ..report import TaskReport
from .html import counted, in_language, part, points

__all__ = [
    "Progress",
    "Step",
    "points_of",
    "progress_html",
    "progress_text",
    "step_of",
    "step_of_answer",
]

Mark = Literal["✓", "✗", "–", "?"]


@dataclass(frozen=True)
class Step:
    """A task and how far it is: ``points`` is None where nothing is known, and ``state`` says the
    same in words as ``mark``. ``–`` stands for what was not done or not tried, ``?`` for what only
    its author can tell."""

    task: Task
    points: float | None
    mark: Mark
    state: str


@dataclass(frozen=True)
class Progress:
    """How far somebody is with ``assignment``."""

    assignment: Assignment
    steps: tuple[Step, ...]

    @property
    def next(self) -> Step | None:
        """The first task that is not done, None after the last."""
        return next((step for step in self.steps if step.mark in "✗–"), None)

    @property
    def points(self) -> float:
        """By the public checks."""
        return round(sum(step.points or 0.0 for step in self.steps), 2)

    @property
    def headline(self) -> str:
        """Points so far, in a sentence."""
        graded = sum(step.task.points for step in self.steps if not step.task.by_hand)
        by_hand = sum(step.task.points for step in self.steps if step.task.by_hand)
        found = {
            "assignment": self.assignment.name.capitalize(),
            "points": points(self.points),
            "most": points(graded),
        }
        if not by_hand:
            return say("{assignment}: {points} of {most} points by the public checks.", **found)
        return say(
            "{assignment}: {points} of {most} points by the public checks; "
            "{more} more are given by a person.",
            **found,
            more=points(by_hand),
        )

    @property
    def advice(self) -> str:
        """What is next, and how long the rest takes, in a sentence or two."""
        step = self.next
        if step is None:
            return say(
                "All tasks are done. Restart the kernel, run everything once more, hand it in."
            )
        left = sum(s.task.minutes for s in self.steps if s.mark in "✗–")
        text = say(
            "{title} ({task}), about {time}.",
            title=step.task.title,
            task=step.task.task,
            time=_time(step.task.minutes),
        )
        if left <= step.task.minutes:
            return text
        rest = say("What is left takes most people about {time}.", time=_time(left))
        return f"{text} {rest}"


def _time(minutes: int) -> str:
    """``45 minutes``, ``2 hours``, ``2½ hours``: nobody can tell more exactly."""
    if minutes < 90:
        return say("{count} minutes", count=minutes)
    halves = round(minutes / 30)
    return say("{count} hours", count=f"{halves // 2}{'½' if halves % 2 else ''}")


def step_of(task: Task, report: TaskReport | None, *, changed: bool = False) -> Step:
    """How far a task is that is graded automatically. ``report`` is that of its last check, if
    there was one, and ``changed`` says that the function was defined anew since."""
    if report is None:
        return Step(task, None, "–", say("not checked yet"))
    if {check.verdict for check in report.checks} == {"not attempted"}:
        mark, state = "–", say("not written yet")
    elif report.passed:
        mark, state = "✓", say("done")
    else:
        mark, state = "✗", counted(report)
    if changed:
        mark, state = "–", say("changed since it was checked ({state})", state=state)
    return Step(task, report.points, mark, state)  # type: ignore[arg-type]


def step_of_answer(task: Task, answered: bool | None) -> Step:
    """How far a written answer is; ``answered`` is None where the notebook's text is not known."""
    if answered is None:
        return Step(task, None, "?", say("a person reads it; is it written?"))
    if answered:
        return Step(task, None, "✓", say("written; a person reads it"))
    return Step(task, None, "–", say("not written yet"))


def points_of(step: Step) -> str:
    """The points of a task so far, and how many it can give."""
    so_far = "–" if step.points is None else points(step.points)
    return part(so_far, points(step.task.points))


_COLUMNS = (
    term("task"),
    term("difficulty"),
    term("minutes"),
    term("points"),
    term("how far"),
)


def progress_html(progress: Progress) -> str:
    """The map as a table with a headline above and the next step below."""
    cell = 'style="text-align:left;padding:2px 10px"'
    head = "".join(f'<th scope="col" {cell}>{escape(say(name))}</th>' for name in _COLUMNS)
    rows = ""
    for step in progress.steps:
        task = step.task
        here = step is progress.next
        title = escape(task.title)
        if here:
            title = f"<strong>▶ {title}</strong> ({escape(say('next'))})"
        of_five = escape(part(task.difficulty, 5))
        stars = f'<span role="img" aria-label="{of_five}">{"★" * task.difficulty}</span>'
        rows += (
            f'<tr><th scope="row" style="text-align:left;padding:2px 10px;font-weight:normal">'
            f"{title}<br><code>{escape(task.task)}</code></th><td {cell}>{stars}</td>"
            f"<td {cell}>{task.minutes}</td><td {cell}>{escape(points_of(step))}</td>"
            f"<td {cell}>{step.mark} {escape(step.state)}</td></tr>"
        )
    return (
        f"<table{in_language()} "
        'style="border-collapse:collapse;table-layout:auto;width:auto;margin:4px 0">'
        f'<caption style="text-align:left"><strong>{escape(progress.headline)}</strong></caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"<div{in_language()}><strong>{escape(say('Next.'))}</strong> "
        f"{escape(progress.advice)}</div>"
    )


def progress_text(progress: Progress) -> str:
    """The map as lines of text."""
    rows = [
        (
            f"{'>' if step is progress.next else ' '} {step.mark} {step.task.title}",
            step.task.task,
            "★" * step.task.difficulty,
            say("{count} min", count=step.task.minutes),
            points_of(step),
            step.state,
        )
        for step in progress.steps
    ]
    widths = [max(len(row[j]) for row in rows) for j in range(6)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([progress.headline, *lines, say("Next: {advice}", advice=progress.advice)])
