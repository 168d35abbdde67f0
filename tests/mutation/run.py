"""Measure whether the suites notice small changes to correct operators.

``python tests/mutation/run.py [ASSIGNMENT ...]``; see README.md, and ``mutants.py`` for changes.
Exit code 0: every surviving mutant is written down as one that may. 1: one survives that is not, or
one that is written down is killed or no longer made. 2: the kit itself failed on the way.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# One thread, before NumPy starts: a child has one, and its CPU time is limited.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).parent.parent))

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from mutation import accepted, mutants
from mutation.accepted import Accepted
from mutation.trial import Trial, run

CONSOLE = Console(highlight=False)


@dataclass
class Result:
    """The trials of one assignment, sorted, and the entries that are no longer true."""

    assignment: str
    trials: list[Trial]
    stale: list[tuple[Accepted, str]]
    known: dict[Any, Accepted]
    every: bool
    seconds: float

    @property
    def faults(self) -> list[Trial]:
        return [t for t in self.trials if any(outcome.fault for outcome in t.outcomes)]

    @property
    def survivors(self) -> list[Trial]:
        return [trial for trial in self.trials if not trial.killed]

    @property
    def gaps(self) -> list[Trial]:
        """Survivors that are not written down."""
        return [trial for trial in self.survivors if trial.mutant.key not in self.known]

    @property
    def partly(self) -> list[Trial]:
        """Mutants that some operators notice and some do not; only known with ``--every``."""
        if not self.every:
            return []
        return [t for t in self.trials if t.killed and any(not o.killed_by for o in t.outcomes)]

    def accepted_as(self, verdict: str) -> int:
        found = (self.known.get(trial.mutant.key) for trial in self.survivors)
        return sum(entry is not None and entry.verdict == verdict for entry in found)


def measure(assignment: str, only: str, jobs: int, every: bool) -> Result:
    """Make and try the mutants of one assignment."""
    started = time.perf_counter()
    made = list(mutants.generate(assignment))
    if only:
        made = mutants.select(made, only)
    known = {key: entry for key, entry in accepted.read().items() if entry.module == assignment}
    trials = []
    columns = (
        TextColumn("{task.description:13}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TextColumn("{task.fields[alive]} survive"),
    )  # fmt: skip
    # No thread that refreshes: children are forked from here.
    with Progress(*columns, console=CONSOLE, auto_refresh=False) as progress:
        bar = progress.add_task(assignment, total=len(made), alive=0)
        for trial in run(made, jobs, every):
            trials.append(trial)
            alive = sum(not trial.killed for trial in trials)
            progress.update(bar, advance=1, alive=alive, refresh=True)
    trials.sort(key=lambda trial: (trial.mutant.line, trial.mutant.kind))
    stale = _stale(trials, known, {mutant.function for mutant in made} if only else None)
    return Result(assignment, trials, stale, known, every, time.perf_counter() - started)


def _stale(
    trials: Sequence[Trial], known: dict[Any, Accepted], among: set[str] | None
) -> list[tuple[Accepted, str]]:
    tried = {trial.mutant.key: trial for trial in trials}
    found = []
    for key, entry in known.items():
        if among is not None and entry.function not in among:
            continue
        if key not in tried:
            found.append((entry, "is no longer made"))
        elif tried[key].killed:
            found.append((entry, "is killed now"))
    return found


def table(results: Sequence[Result]) -> Table:
    """The counts by assignment."""
    columns = (
        "assignment",
        "mutants",
        "killed",
        "surviving",
        *accepted.VERDICTS,
        "gaps",
        "seconds",
    )
    sheet = Table(*columns, box=None, pad_edge=False)
    for column in sheet.columns[1:]:
        column.justify = "right"
    for result in results:
        counts = (
            len(result.trials),
            len(result.trials) - len(result.survivors),
            len(result.survivors),
            *map(result.accepted_as, accepted.VERDICTS),
            len(result.gaps),
            round(result.seconds),
        )
        sheet.add_row(result.assignment, *map(str, counts))
    return sheet


def show(result: Result) -> None:
    """List what is wrong: survivors not written down, entries no longer true, faults."""
    for trial in result.gaps:
        _show_mutant(trial, "survives")
    for trial in result.partly:
        names = [o.target.operator for o in trial.outcomes if not o.killed_by]
        _show_mutant(trial, f"is not noticed by {', '.join(names)}")
    for entry, why in result.stale:
        _say(f"{accepted.PATH.name}: a mutant of {entry.module}.{entry.function} {why}:", "yellow")
        _say(f"    {entry.key[2]}\n  - {entry.key[3]}\n  + {entry.key[4]}")
    for trial in result.faults:
        _show_mutant(trial, "made the kit fail")
        for outcome in trial.outcomes:
            _say(f"    {outcome.fault}")


def _show_mutant(trial: Trial, what: str) -> None:
    mutant = trial.mutant
    place = f"autograder/reference/{mutant.module}.py:{mutant.line}"
    _say(f"{place}: a mutant of {mutant.function} {what}:", "yellow")
    _say(f"    {mutant.kind}\n  - {mutant.before}\n  + {mutant.after}")


def _say(text: str, style: str = "") -> None:
    CONSOLE.print(Text(text, style), soft_wrap=True)


def as_json(results: Sequence[Result]) -> Any:
    """All trials, as plain data."""
    return [
        {
            "assignment": result.assignment,
            "seconds": round(result.seconds, 1),
            "mutants": [
                {
                    "function": trial.mutant.function,
                    "kind": trial.mutant.kind,
                    "line": trial.mutant.line,
                    "before": trial.mutant.before,
                    "after": trial.mutant.after,
                    "killed": trial.killed,
                    "accepted": (
                        result.known[trial.mutant.key].verdict
                        if trial.mutant.key in result.known
                        else ""
                    ),
                    "outcomes": [
                        {
                            "operator": outcome.target.operator,
                            "killed_by": outcome.killed_by,
                            "fault": outcome.fault,
                        }
                        for outcome in trial.outcomes
                    ],
                }
                for trial in result.trials
            ],
        }
        for result in results
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("positional", nargs="*", metavar="ASSIGNMENT", help="default: all of them")
    parser.add_argument(
        "--assignment", action="append", default=[], choices=mutants.MODULES, help="the same"
    )
    parser.add_argument("--only", metavar="OPERATOR", default="", help="what reaches this operator")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    parser.add_argument(
        "--every",
        action="store_true",
        help="try each mutant on all operators that it reaches, and list those that do not notice",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all trials to this file")
    given = parser.parse_args(arguments)
    names = [*given.positional, *given.assignment] or list(mutants.MODULES)
    for name in names:
        if name not in mutants.MODULES:
            parser.error(f"there is no assignment {name!r}; there are {', '.join(mutants.MODULES)}")
    results = [measure(name, given.only, given.jobs, given.every) for name in dict.fromkeys(names)]
    if given.only and not any(result.trials for result in results):
        parser.error(f"there is no operator {given.only!r} in {', '.join(names)}")
    for result in results:
        show(result)
    CONSOLE.print(table(results))
    if given.json:
        given.json.write_text(json.dumps(as_json(results), indent=1) + "\n", encoding="utf-8")
    if any(result.faults for result in results):
        return 2
    return int(any(result.gaps or result.stale for result in results))


if __name__ == "__main__":
    sys.exit(main())
