"""The pages of a class report: HTML without script, and without a request to anywhere.

The templates escape every text, and control characters are replaced on the way (``finalize``).
"""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..exports.html import WEAK, points, report_html
from ..report import Report, plain
from .examples import Example
from .figures import Picture, histogram, shares
from .likeness import COMMON, OWN, SHARE, Code, Likeness, Pair
from .people import People
from .tally import Spread, Tally, TaskTally, spread

__all__ = ["ClassReport", "first_page", "pair_address", "pair_page", "student_page"]

FOLDER = Path(__file__).with_name("templates")

SHOWN = 60
"""So many entries of a list stand on the page, and all of them in its table for spreadsheets."""


@dataclass
class ClassReport:
    """Everything that the pages show. ``commands`` grades a submission again, by assignment and
    student; '' where a name cannot be typed. ``examples`` are those of known mistakes, by name, and
    ``codes`` what was compared, by assignment and student. ``compared`` says why codes were not
    compared, if they were not, and ``tables`` names the files with the lists."""

    tallies: Sequence[Tally]
    people: People
    made: datetime
    alike: Mapping[str, Likeness] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, Code]] = field(default_factory=dict)
    examples: Mapping[str, Example | None] = field(default_factory=dict)
    commands: Mapping[tuple[str, str], str] = field(default_factory=dict)
    compared: str = ""
    tables: Sequence[str] = ()

    @property
    def others(self) -> list[Report]:
        """All reports of submissions that were not graded."""
        return [report for tally in self.tallies for report in tally.others]

    @property
    def graded(self) -> list[Tally]:
        """The assignments of which something was graded."""
        return [tally for tally in self.tallies if tally.graded]


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    made.filters["points"] = points
    made.filters["percent"] = lambda share: f"{100 * share:.0f} %"
    made.filters["seconds"] = _seconds
    made.filters["slug"] = _slug
    made.globals.update(style=_style(), SHOWN=SHOWN)
    return made


def _finalized(value: Any) -> Any:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _style() -> Markup:
    # Ours, and no student's.
    return Markup((FOLDER / "page.css").read_text(encoding="utf-8"))


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 60 else f"{value / 60:.1f} min"


def _slug(name: str) -> str:
    """``name`` as a part of an anchor."""
    return re.sub(r"[^\w-]+", "-", name)


def _render(template: str, **context: Any) -> str:
    return _environment().get_template(template).render(context)


@dataclass(frozen=True)
class _Assignment:
    """What the first page shows of one assignment, beside its tally."""

    tally: Tally
    spread: Spread | None
    points: Picture
    times: Picture
    tasks: Picture
    by_hand: float
    warnings: list[str]
    hardest: list[TaskTally]
    notices: dict[str, list[tuple[str, str]]]
    refused: list[tuple[str, list[str]]]
    alike: Likeness | None
    pairs: dict[tuple[str, str], str]


def first_page(report: ClassReport) -> str:
    """``index.html``."""
    return _render(
        "index.html",
        report=report,
        people=report.people,
        anonymous=report.people.anonymous,
        assignments=[_assignment(report, tally) for tally in report.graded],
        rows=list(_rows(report)),
        limits={"common": COMMON, "own": OWN, "share": SHARE},
    )


def _assignment(report: ClassReport, tally: Tally) -> _Assignment:
    name = tally.assignment
    values = [r.points for r in tally.graded]
    seconds = [r.seconds for r in tally.graded]
    minutes = max(seconds) >= 180
    times = [s / 60 for s in seconds] if minutes else seconds
    tasks = list(tally.tasks.values())
    notices: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for task in tasks:
        for check in task.checks.values():
            if check.notice:
                notices[check.notice].append((task.task, check.title))
    acts: dict[str, dict[str, None]] = defaultdict(dict)
    for r in tally.refused:
        for act in r.refused:
            acts[act.act][r.student] = None
    return _Assignment(
        tally,
        spread(values),
        histogram(
            values, most=tally.max_points, unit="points", what="Points", name=f"points {name}"
        ),
        histogram(
            times, most=_round_up(max(times)), unit="minutes" if minutes else "seconds",
            what="Time to grade", name=f"times {name}",
        ),
        shares([(t.task, t.share) for t in tasks], what="Points by task", name=f"tasks {name}"),
        max(sum(task.max_points for task in r.by_hand) for r in tally.graded),
        list(_warnings(tally)),
        sorted((t for t in tasks if t.share < 0.995), key=lambda t: t.share)[:3],
        dict(notices),
        sorted(((act, list(who)) for act, who in acts.items()), key=lambda e: (-len(e[1]), e[0])),
        report.alike.get(name),
        {
            pair.students: pair_address(name, number)
            for number, pair in _pairs(report.alike.get(name))
        },
    )  # fmt: skip


def _warnings(tally: Tally) -> Iterator[str]:
    """What may make the points of some worth less than those of others."""
    weak = [r for r in tally.graded if r.isolation in WEAK]
    if weak:
        levels = ", ".join(sorted({r.isolation for r in weak}))
        yield (
            f"{len(weak)} of {len(tally.graded)} were graded in a weaker sandbox, or in none "
            f"({levels}), which would not have held a hostile program."
        )
    public = sum(not r.hidden_checks for r in tally.graded)
    if public:
        yield f"{public} of {len(tally.graded)} were graded without the hidden checks."
    kits = sorted({r.kit for r in tally.graded})
    if len(kits) > 1:
        yield f"They were graded by different versions of the kit: {', '.join(kits)}."


def _pairs(found: Likeness | None) -> Iterator[tuple[int, Pair]]:
    """The pairs of all groups, numbered."""
    return enumerate((pair for group in found.groups for pair in group.pairs) if found else (), 1)


def pair_address(assignment: str, number: int) -> str:
    """The file of a pair's page, and its address as seen from the first page."""
    return f"pairs/{quote(assignment, safe='')}-{number}.html".replace("%", "_")


def _round_up(value: float) -> float:
    """A round number of 1, 2, 5 or 10 times a power of ten that is not below ``value``."""
    unit = 1.0
    while unit * 10 < value:
        unit *= 10
    return next(unit * step for step in (1, 2, 5, 10) if unit * step >= value)


def _rows(report: ClassReport) -> Iterator[tuple[str, list[Report | None]]]:
    """Each student's reports, one for each assignment."""
    found: dict[str, dict[str, Report]] = defaultdict(dict)
    for tally in report.tallies:
        for r in (*tally.graded, *tally.others):
            found[r.student][tally.assignment] = r
    for student in sorted(found, key=report.people.order):
        yield student, [found[student].get(tally.assignment) for tally in report.tallies]


def student_page(report: ClassReport, student: str, reports: Sequence[Report]) -> str:
    """The page of one student. It says nothing about others but the class's median."""
    medians = {
        tally.assignment: spread([r.points for r in tally.graded]) for tally in report.graded
    }
    return _render(
        "student.html",
        name=report.people.name(student),
        made=report.made,
        # What it says is escaped already; control characters are not.
        entries=[(r, Markup(plain(report_html(r))), medians.get(r.assignment)) for r in reports],
    )


def pair_page(report: ClassReport, assignment: str, pair: Pair) -> str:
    """Two codes side by side, function by function."""
    codes = [report.codes[assignment][student] for student in pair.students]
    sides = [_side(code, lines) for code, lines in zip(codes, pair.lines, strict=True)]
    # The same function in both stands in one row, wherever it is written.
    keys = [*sides[0], *(key for key in sides[1] if key not in sides[0])]
    rows = [(key[0] or "other code", [side.get(key, []) for side in sides]) for key in keys]
    return _render(
        "pair.html",
        assignment=assignment,
        names=[report.people.name(student) for student in pair.students],
        pages=[f"../{report.people.address(student)}" for student in pair.students],
        shares=pair.shares,
        made=report.made,
        rows=rows,
    )


Lines = list[tuple[int, str, bool]]


def _side(code: Code, alike: frozenset[int]) -> dict[tuple[str, int], Lines]:
    """The parts of a code by name, and how many of that name came before: number, text and whether
    it is alike, line by line."""
    lines = code.text.split("\n")
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], Lines] = {}
    for part in code.parts:
        key = (part.name, seen[part.name])
        seen[part.name] += 1
        numbers = range(part.first, min(part.last, len(lines)) + 1)
        found[key] = [(n, lines[n - 1][:400], n in alike) for n in numbers]
    return found
