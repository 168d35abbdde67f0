"""The lists of a class report as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..exports.tables import table_text
from ..report import Report
from .likeness import Likeness
from .people import People
from .tally import Tally

__all__ = ["tables"]

Row = tuple[Any, ...]


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    return table_text(columns, (dict(zip(columns, row, strict=True)) for row in rows))


def tables(
    tallies: Sequence[Tally],
    alike: Mapping[str, Likeness],
    people: People,
    commands: Mapping[tuple[str, str], str],
) -> dict[str, str]:
    """The tables as CSV, by the name of their file.

    ``commands`` grades a submission again, by assignment and student. Where students are anonymous,
    nothing that they wrote is in a table, and no table says whose work is like whose.
    """
    files = {
        "students.csv": _table(
            ("assignment", "student", "status", "points", "of", "seconds"),
            _in_order(people, (report for t in tallies for report in (*t.graded, *t.others))),
        ),
        "checks.csv": _table(
            (
                "assignment", "task", "check", "title", "hidden", "passed", "failed",
                "not attempted", "not tried", "grader's faults", "notice",
            ),
            _checks(tallies),
        ),
        "mistakes.csv": _table(
            ("assignment", "mistake", "tasks", "students", "hint", "who"),
            _mistakes(tallies, people),
        ),
    }  # fmt: skip
    if people.anonymous:
        return files
    return files | {
        "not-graded.csv": _table(
            ("assignment", "student", "status", "reason", "command"),
            (
                (r.assignment, people.name(r.student), r.status, r.message, commands[_key(r)])
                for tally in tallies
                for r in tally.others
            ),
        ),
        "refused.csv": _table(
            ("assignment", "student", "where", "tried to"),
            (
                (tally.assignment, people.name(report.student), act.where, act.act)
                for tally in tallies
                for report in tally.refused
                for act in report.refused
            ),
        ),
        "remarks.csv": _table(
            ("assignment", "student", "task", "check", "remark"),
            (
                (tally.assignment, people.name(r.student), r.task, r.check, r.message)
                for tally in tallies
                for r in tally.remarks
            ),
        ),
        "alike.csv": _table(
            ("assignment", "group", "one", "other", "share of the one", "share of the other"),
            _alike(alike, people),
        ),
    }


def _key(report: Report) -> tuple[str, str]:
    return report.assignment, report.student


def _in_order(people: People, reports: Iterable[Report]) -> Iterable[Row]:
    for r in sorted(reports, key=lambda r: (r.assignment, people.order(r.student))):
        graded = r.status == "graded"
        points = (r.points, r.max_points) if graded else ("", "")
        yield r.assignment, people.name(r.student), r.status, *points, round(r.seconds, 1)


def _checks(tallies: Sequence[Tally]) -> Iterable[Row]:
    for tally in tallies:
        for task in tally.tasks.values():
            for c in task.checks.values():
                counts = (c.passed, c.failed, c.not_attempted, c.not_tried, c.faults)
                hidden = "yes" if c.hidden else "no"
                yield tally.assignment, task.task, c.name, c.title, hidden, *counts, c.notice


def _mistakes(tallies: Sequence[Tally], people: People) -> Iterable[Row]:
    for tally in tallies:
        for m in tally.mistakes:
            who = "; ".join(map(people.name, sorted(m.students, key=people.order)))
            yield tally.assignment, m.name, "; ".join(m.tasks), len(m.students), m.hint, who


def _alike(alike: Mapping[str, Likeness], people: People) -> Iterable[Row]:
    for assignment, found in alike.items():
        for number, group in enumerate(found.groups, 1):
            for pair in group.pairs:
                names = map(people.name, pair.students)
                yield assignment, number, *names, *(round(share, 3) for share in pair.shares)
