"""The command ``autograder audit``."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table

from ..assignments import all_assignments, whole_assignments
from ..files import write_whole
from ..grading import kit
from .handins import HandIn, Kind, Solution, hand_ins
from .page import COLUMNS, MEANING, markdown, page, totals
from .tally import NAMED_AT_LEAST, Tally, describe, named, tally
from .trials import Plan, Trial, run

__all__ = ["add_command", "wide_console"]

KINDS: tuple[Kind, ...] = ("mistake", "specimen", "variant", "slow")
GOOD, WRONG, FAULT = 0, 1, 3

_DESCRIPTION = """\
Grade the grader: hand in every known mistake, specimen, correct variant and slow variant as a
notebook, grade it as any other, and count what should not be. A change to a suite is tried so."""

_COLUMNS = "\n".join(f"  {name:<12} {text}" for name, text in MEANING.items())
_EPILOG = f"""\
columns:
{_COLUMNS}

exit codes:
  0  nothing is wrong
  1  a mistake or a slow variant got through, a right answer lost points, or too few are named
  2  the command was used wrongly
  3  the grader or the machine failed"""


def add_command(commands: Any) -> None:
    """Add ``audit`` to the subcommands of ``autograder``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "audit",
        help="grade the grader: known mistakes must fail, correct variants pass",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [assignment.name for assignment in whole_assignments()]
    parser.add_argument(
        "assignments", nargs="*", metavar="ASSIGNMENT", help=f"of {', '.join(names)} (default: all)"
    )
    parser.add_argument("--task", action="append", default=[], help="this task only; repeatable")
    parser.add_argument(
        "--kind", action="append", choices=KINDS, help="hand in these only; repeatable"
    )
    parser.add_argument(
        "--runs", type=_count, default=1, help="how often, each time with another seed (default: 1)"
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="hand each known mistake in for the first task of its operator only",
    )
    parser.add_argument("--seed", type=int, help="seed of the first run (default: random)")
    parser.add_argument(
        "--whole",
        action="store_true",
        help="grade all tasks of every hand-in, not only those that it can touch",
    )
    parser.add_argument(
        "--jobs", type=_count, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    parser.add_argument(
        "--busy", type=int, default=0, help="busy processes to run beside it (default: 0)"
    )
    parser.add_argument(
        "--solutions",
        type=Path,
        default=Path("solutions"),
        metavar="DIR",
        help="folder with the source notebooks (default: %(default)s)",
    )
    parser.add_argument("--details", action="store_true", help="list misnamed and idle checks too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts to FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table to FILE")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with the matrix")
    parser.set_defaults(run=_audit)


def _count(text: str) -> int:
    value = int(text) if text.isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return value


def _audit(options: argparse.Namespace) -> int:
    started = time.perf_counter()
    console = wide_console()
    solutions = _solutions(options)
    kinds = tuple(options.kind or KINDS)
    every = [
        hand_in
        for solution in solutions.values()
        for hand_in in hand_ins(solution, kinds, set(options.task), once=options.once)
    ]
    if not every:
        raise ValueError("there is nothing to hand in for that")
    seed = secrets.randbits(32) if options.seed is None else options.seed
    # That each check is tried for itself takes long, and is the same for every seed.
    work = [
        (hand_in, seed + number, number == 0) for number in range(options.runs) for hand_in in every
    ]
    plan = Plan(options.solutions, options.jobs, options.busy, options.whole)
    trials = _run(plan, work)
    trials.sort(key=lambda trial: trial.seed)
    # A few tasks may lie below what all of them reach together.
    counts, problems = tally(trials, solutions, 0.0 if options.task else NAMED_AT_LEAST)
    facts = {
        "kit": kit(),
        "date": datetime.now(UTC).date().isoformat(),
        "hand-ins": str(len(every)),
        "runs": _whole(options.runs, len(trials) / len(every)),
        "first seed": str(seed),
        "busy processes": str(options.busy),
        "seconds": f"{time.perf_counter() - started:.0f}",
    }
    _show(console, counts, trials, problems, facts, options.details)
    if options.json is not None:
        write_whole(options.json, _json(counts, problems, facts))
    if options.markdown is not None:
        command = " ".join(["autograder", *sys.argv[1:]])
        write_whole(options.markdown, markdown(counts, problems, facts, command))
    if options.html is not None:
        write_whole(options.html, page(counts, trials, problems, facts))
    if any(trial.fault for trial in trials):
        return FAULT
    return WRONG if problems else GOOD


def _whole(asked: int, done: float) -> str:
    """How many runs there were, if an interrupt did not let them all be."""
    return str(asked) if done >= asked else f"{done:.2f} of {asked}, interrupted"


def wide_console(least: int = 110) -> Console:
    """Where tables are printed: into a file or a log at least ``least`` columns wide."""
    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, least))


def _solutions(options: argparse.Namespace) -> dict[str, Solution]:
    """The model solutions to audit with. Raises ``ValueError`` for unknown names."""
    known = {assignment.name: assignment for assignment in all_assignments()}
    for name in options.assignments:
        if name not in known:
            raise ValueError(f"there is no assignment {name!r}; there are: {', '.join(known)}")
    home = {t.task: a.name for a in known.values() for t in a.tasks if not t.by_hand}
    for task in options.task:
        if task not in home:
            raise ValueError(f"there is no task {task!r}; there are: {', '.join(home)}")
    # A course has the sources of some assignments only; where there are none, the first says so.
    there = [name for name in known if (options.solutions / name).is_dir()] or list(known)
    names = options.assignments or [name for name in there if not options.task]
    names += [home[task] for task in options.task if home[task] not in names]
    return {name: Solution(options.solutions, name) for name in names}


def _run(plan: Plan, work: Sequence[tuple[HandIn, int, bool]]) -> list[Trial]:
    console = Console(stderr=True)
    count = 0
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with progress:
        bar = progress.add_task("auditing", total=len(work))

        def done(trial: Trial) -> None:
            nonlocal count
            count += 1
            # The first line comes soon, to show that it runs.
            if not console.is_terminal and (count == 50 or count % 500 == 0):
                console.print(f"{count} of {len(work)} graded", highlight=False)
            progress.update(bar, advance=1, description=trial.hand_in.task or "model solution")

        return run(plan, work, done)


def _show(
    console: Console,
    counts: Mapping[str, Tally],
    trials: Sequence[Trial],
    problems: Sequence[str],
    facts: Mapping[str, str],
    details: bool,
) -> None:
    table = Table(Column("task", no_wrap=True))
    for _, heading in COLUMNS:
        table.add_column(heading, justify="right")
    shown = [count for count in counts.values() if count.only]
    for count in shown:
        table.add_row(count.task, *(str(getattr(count, name)) for name, _ in COLUMNS))
    table.add_section()
    table.add_row("all", *map(str, totals(counts)))
    console.print(table)
    _show_idle(console, shown)
    if details:
        for line in _misnamed(trials):
            console.print(f"  {escape(line)}", soft_wrap=True)
    for problem in problems:
        console.print(f"[bold]wrong:[/bold] {escape(problem)}", soft_wrap=True)
    console.print(" · ".join(f"{name} {value}" for name, value in facts.items()), soft_wrap=True)


def _show_idle(console: Console, counts: Sequence[Tally]) -> None:
    """The checks that could go without a hand-in getting through: it may be that another one looks
    at the same, or that a mistake is still unknown."""
    lines = []
    for count in counts:
        useless = [name for name in count.idle if not count.catches[name]]
        if useless:
            lines.append(f"{count.task}: {', '.join(useless)} (nothing at all)")
        rest = [name for name in count.idle if count.catches[name]]
        if rest:
            lines.append(f"{count.task}: {', '.join(rest)}")
    if lines:
        console.print("Checks that catch nothing of their own:")
    for line in lines:
        console.print(f"  {escape(line)}", soft_wrap=True)


def _misnamed(trials: Sequence[Trial]) -> list[str]:
    """Known mistakes and specimens whose report names another one, or none."""
    found: Counter[str] = Counter()
    for trial in trials:
        if trial.hand_in.mistake and not trial.fault:
            for fresh in (False, True):
                hidden = [c for c in trial.checks if c.hidden and c.alone != "passed"]
                if fresh and not (trial.every and hidden):
                    continue
                name = named(trial, fresh=fresh)
                if name != trial.hand_in.mistake:
                    where = " on fresh inputs" if fresh else ""
                    found[f"{describe(trial.hand_in)}: named {name or 'nothing'}{where}"] += 1
    return [f"{text} ({count}×)" if count > 1 else text for text, count in found.items()]


def _json(counts: Mapping[str, Tally], problems: Sequence[str], facts: Mapping[str, str]) -> str:
    tasks = [
        {
            "task": count.task,
            **{name: asdict(getattr(count, name)) for name, _ in COLUMNS},
            "catches": dict(count.catches),
            "idle": count.idle,
        }
        for count in counts.values()
        if count.only
    ]
    return json.dumps({"facts": dict(facts), "tasks": tasks, "problems": list(problems)}, indent=2)
