"""How often is a verdict on speed wrong? ``python benchmarks/speed.py [--repeat 1000]``

Every correct variant of every vectorized task, every slow one that we keep, and for each task a
solution half again too slow (the model solution, called often enough in a row) is graded by the
checks "no loop in Python" and "fast enough", again and again, under each load:

- ``quiet``: nothing beside it;
- ``busy-2``, ``busy-4``: that many processes that never rest;
- ``memory``: two processes that keep copying 256 MiB.

Printed are the wrong verdicts: correct variants that lost points, slow ones that passed both
checks, each with the upper bound of its rate at 95 % (Clopper and Pearson, 1934; for none of n it
is about 3/n). ``--json FILE`` keeps the counts, and adds to those that FILE has already, so that
long measurements can be taken in parts. Ctrl-C ends it; what is counted is kept, in FILE after each
round.

``--races`` asks for the verdict of the race alone, which is all that noise can move: how often the
lines of a function run is counted exactly, and the same each time. Slow ones are raced where the
count of steps lets them through.

``--jobs 2`` measures two hand-ins at once, each with a core of its own and beside the other, which
is one more that disturbs.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import math
import os
import platform
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.assertions.speed import PART, Race, race
from autograder.audit.command import wide_console
from autograder.audit.handins import HandIn, Solution, hand_ins
from autograder.audit.trials import TIMING
from autograder.batch.pool import LocalProcesses
from autograder.batch.work import own_sandbox
from autograder.grading import run_suites
from autograder.worker.host import (
    LiveSubmission,
    Sandbox,
    SandboxedSubmission,
    Submission,
    open_sandbox,
)

ROOT = Path(__file__).parent.parent
ASSIGNMENTS = ("convolution", "pooling", "normalization")
SPIN = "while True: pass"
COPY = "import numpy as np\na = np.ones(1 << 25)\nwhile True: b = a.copy()"
LOADS: dict[str, list[str]] = {
    "quiet": [],
    "busy-2": [SPIN] * 2,
    "busy-4": [SPIN] * 4,
    "memory": [COPY] * 2,
}
TOO_SLOW = 1.5
"""Times the limit that a made-up slow solution takes."""

TRIES = 6
CLOSE = 0.03
"""How near to that it must come to be taken, else the last of ``TRIES`` is."""

IN_A_ROW = 25
"""Gradings by one worker. A fresh one each time would mostly measure how workers start."""


@dataclass
class Count:
    """The verdicts on one hand-in under one load."""

    load: str
    assignment: str
    task: str
    kind: str
    name: str
    way: str = "graded"
    graded: int = 0
    passed: int = 0
    partly: int = 0
    points_lost_by: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        return self.way, self.load, self.assignment, self.task, self.kind, self.name


def upper_bound(wrong: int, total: int) -> float:
    """The rate that would give at most ``wrong`` of ``total`` in 5 % of such measurements."""
    if wrong >= total:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        likely = sum(
            math.exp(
                math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)
                + k * math.log(rate) + (total - k) * math.log1p(-rate)
            )
            for k in range(wrong + 1)
        )  # fmt: skip
        low, high = (rate, high) if likely > 0.05 else (low, rate)
    return high


@contextlib.contextmanager
def load(name: str) -> Iterator[None]:
    """Run the processes of a load beside what is inside the block."""
    started = [subprocess.Popen([sys.executable, "-c", source]) for source in LOADS[name]]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def timed_tasks(wanted: str) -> Iterator[tuple[Solution, str]]:
    for assignment in ASSIGNMENTS:
        solution = Solution(ROOT / "solutions", assignment)
        for task in task_suite(solution).TIMINGS:
            if wanted in task:
                yield solution, task


def everything(box: Sandbox, wanted: str, kind: str | None) -> Iterator[tuple[Solution, HandIn]]:
    for solution, task in timed_tasks(wanted):
        if kind != "slow":
            yield from ((solution, hand_in) for hand_in in correct(solution, task))
        if kind != "correct":
            yield solution, half_again_too_slow(box, solution, task)
            yield from ((solution, slow) for slow in hand_ins(solution, ("slow",), {task}))


def correct(solution: Solution, task: str) -> list[HandIn]:
    """The model solution of ``task``, and what else is right."""
    name, source = solution.assignment.name, solution.source(task)
    model = HandIn("variant", name, task, "model solution", source)
    return [model, *hand_ins(solution, ("variant",), {task})]


def half_again_too_slow(box: Sandbox, solution: Solution, task: str) -> HandIn:
    """The model solution, called so often that it takes ``TOO_SLOW`` limits.

    A call in warm caches costs less than the first, so how often is found by trying.
    """
    wanted = TOO_SLOW * task_suite(solution).TIMINGS[task].limit
    times = 16
    for _ in range(TRIES):
        found = yardsticks(box, solution, repeated(solution, task, times))
        if abs(found / wanted - 1) < CLOSE:
            break
        times = max(2, round(times * wanted / found))
    return repeated(solution, task, times)


def repeated(solution: Solution, task: str, times: int) -> HandIn:
    """The model solution of ``task``, doing its work ``times`` over."""
    source = f"""{solution.source(task)}

_once = {task}

def {task}(*arguments):
    for _ in range({times} - 1):
        _once(*[dict(a) if type(a) is dict else a for a in arguments])
    return _once(*arguments)
"""
    return HandIn("slow", solution.assignment.name, task, f"{TOO_SLOW} limits", source)


def yardsticks(box: Sandbox, solution: Solution, hand_in: HandIn) -> float:
    """How many yardsticks ``hand_in`` takes: the median of several races."""
    return statistics.median(run.median for run in races(box, solution, hand_in, 3))


def races(box: Sandbox | None, solution: Solution, hand_in: HandIn, times: int) -> Iterator[Race]:
    """The races of one worker, with the limit of the task and no look at what comes out.

    Without a sandbox they are run as in a notebook's kernel, in this process.
    """
    suite, task = task_suite(solution), hand_in.task
    timing = suite.TIMINGS[task]
    rng = np.random.default_rng()
    # A few in turns: making them would take a fifth of the time. Each call has copies of its own.
    given = itertools.cycle([suite.arguments_of(task, rng, timing.sizes) for _ in range(4)])
    opened: contextlib.AbstractContextManager[Submission]
    if box is None:
        opened = contextlib.nullcontext(LiveSubmission(solution.namespace(hand_in)))
    else:
        opened = SandboxedSubmission(box, solution.cells(hand_in))
    with opened as submission:

        def make() -> Any:
            return suite.PROTOCOL.inside(submission, task, next(given))

        def forget(call: Any, result: Any) -> None:
            suite.PROTOCOL.forget(submission, call)

        for _ in range(times):
            yield race(submission, task, make, forget, timing.limit)


def task_suite(solution: Solution) -> Any:
    return import_module(f"autograder.suites.{solution.assignment.name}")


def grade(box: Sandbox, solution: Solution, hand_in: HandIn, times: int, count: Count) -> None:
    others = checks_but_timing(solution.assignment.name)
    points = {hand_in.task: ("", 100.0)}
    with SandboxedSubmission(box, solution.cells(hand_in)) as submission:
        submission.run()
        for seed in range(count.graded, count.graded + times):
            ledger = run_suites(
                submission, solution.assignment, True, seed, {hand_in.task}, without=others
            )
            (report,) = ledger.tasks(points)
            count.graded += 1
            count.passed += report.passed
            slow = [c for c in report.checks if c.verdict != "passed"]
            count.partly += bool(slow) and all(check.points > 0 for check in slow)
            for check in slow:
                count.points_lost_by[check.name] = count.points_lost_by.get(check.name, 0) + 1


def grade_by_races(
    box: Sandbox, solution: Solution, hand_in: HandIn, times: int, count: Count
) -> None:
    limit = task_suite(solution).TIMINGS[hand_in.task].limit
    for run in races(box, solution, hand_in, times):
        count.graded += 1
        count.passed += not run.exceeds(limit)
        count.partly += run.exceeds(limit) and not run.exceeds(PART * limit)


def ask(races_only: bool, solution: Solution, hand_in: HandIn, times: int, count: Count) -> Count:
    """Grade ``hand_in``, or have it race, in a process of a pool; return what was counted."""
    (grade_by_races if races_only else grade)(own_sandbox(), solution, hand_in, times, count)
    return count


def decided_by_race(box: Sandbox, solution: Solution, hand_in: HandIn) -> bool:
    """Whether the count of steps lets it through."""
    count = Count("", hand_in.assignment, hand_in.task, hand_in.kind, hand_in.name)
    grade(box, solution, hand_in, 1, count)
    return "vectorized" not in count.points_lost_by


def checks_but_timing(assignment: str) -> set[str]:
    names = set()
    for room in ("public", "hidden"):
        suite = import_module(f"autograder.suites.{room}.test_{assignment}")
        names |= {n.removeprefix("test_") for n in vars(suite) if n.startswith("test_")}
    return names - TIMING


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--repeat", type=int, default=20, help="gradings of each (default: 20; 0: the table only)"
    )
    parser.add_argument("--load", nargs="+", choices=LOADS, default=list(LOADS), metavar="LOAD")
    parser.add_argument("--task", default="", help="only tasks whose name contains this")
    parser.add_argument("--kind", choices=("correct", "slow"), help="only these (default: both)")
    parser.add_argument("--races", action="store_true", help="races only")
    parser.add_argument("--jobs", type=int, default=1, help="hand-ins at once (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the counts in FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table to FILE")
    options = parser.parse_args()
    counts: dict[tuple[str, ...], Count] = {}
    if options.json is not None and options.json.exists():
        for entry in json.loads(options.json.read_text()):
            count = Count(**entry)
            counts[count.key] = count

    def keep() -> None:
        if options.json is not None:
            entries = [vars(count) for count in counts.values()]
            options.json.write_text(json.dumps(entries, indent=1) + "\n")

    # What runs in the background would not hear of it otherwise.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        if options.repeat:
            measure(options, counts, keep)
    keep()
    rows = table(list(counts.values()))
    show(rows)
    if options.markdown is not None:
        options.markdown.write_text(markdown(rows))


def measure(
    options: argparse.Namespace, counts: dict[tuple[str, ...], Count], keep: Callable[[], None]
) -> None:
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    way = "raced" if options.races else "graded"
    with open_sandbox() as box, progress:
        pairs = [
            (solution, hand_in)
            for solution, hand_in in everything(box, options.task, options.kind)
            if not options.races
            or hand_in.kind == "variant"
            or decided_by_race(box, solution, hand_in)
        ]
    with progress, LocalProcesses(options.jobs).start() as pool:
        bar = progress.add_task("", total=len(pairs) * len(options.load) * options.repeat)
        for start in range(0, options.repeat, IN_A_ROW):
            times = min(IN_A_ROW, options.repeat - start)
            for name in options.load:
                progress.update(bar, description=name)
                with load(name):
                    asked = []
                    for solution, hand_in in pairs:
                        kind = "correct" if hand_in.kind == "variant" else "slow"
                        fresh = Count(
                            name, hand_in.assignment, hand_in.task, kind, hand_in.name, way
                        )
                        count = counts.setdefault(fresh.key, fresh)
                        asked.append(
                            pool.submit(ask, options.races, solution, hand_in, times, count)
                        )
                    for answered in as_completed(asked):
                        count = answered.result()
                        counts[count.key] = count
                        progress.advance(bar, times)
                keep()


Row = tuple[str, str, int, int, int, int, float, str]


def table(counts: list[Count]) -> list[Row]:
    """Load, group, hand-ins, fewest gradings of one, gradings, wrong, bound, the worst one."""
    rows = []
    both = len({count.way for count in counts}) > 1
    for way, name in itertools.product(("graded", "raced"), LOADS):
        for label, wanted in (
            ("correct", lambda c: c.kind == "correct"),
            ("half again too slow", lambda c: c.name == f"{TOO_SLOW} limits"),
            ("slow, kept", lambda c: c.kind == "slow" and c.name != f"{TOO_SLOW} limits"),
        ):
            mine = [c for c in counts if (c.way, c.load) == (way, name) and wanted(c) and c.graded]
            if not mine:
                continue
            wrong = {c.key: c.graded - c.passed if label == "correct" else c.passed for c in mine}
            total, bad = sum(c.graded for c in mine), sum(wrong.values())
            worst = max(mine, key=lambda c: wrong[c.key] / c.graded)
            said = ""
            if bad:
                said = f"{worst.task}/{worst.name} {wrong[worst.key]} of {worst.graded}"
            fewest = min(c.graded for c in mine)
            sums = len(mine), fewest, total, bad, upper_bound(bad, total)
            rows.append((f"{name}, {way}" if both else name, label, *sums, said))
    return rows


HEAD = (
    "load",
    "handed in",
    "of them",
    "times each",
    "in all",
    "wrong",
    "rate at most",
    "worst",
)


def cells(row: Row) -> list[str]:
    name, label, many, fewest, total, bad, bound, worst = row
    return [
        name, label, str(many), f"{fewest:,}", f"{total:,}", str(bad), f"{100 * bound:.2g} %", worst
    ]  # fmt: skip


def show(rows: list[Row]) -> None:
    printed = Table(*HEAD, title=where())
    for row in rows:
        printed.add_row(*cells(row))
    wide_console(140).print(printed)


def markdown(rows: list[Row]) -> str:
    lines = [f"| {' | '.join(HEAD)} |", f"|{' --- |' * len(HEAD)}"]
    lines += [f"| {' | '.join(cells(row))} |" for row in rows]
    return f"{where()}\n\n" + "\n".join(lines) + "\n"


def where() -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    return (
        f"commit {commit}, {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )


if __name__ == "__main__":
    main()
