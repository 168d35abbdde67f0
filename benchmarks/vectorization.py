"""Prints how far the kept variants lie from the limits: ``python benchmarks/vectorization.py``.

For every correct and every slow variant of the vectorized tasks: the largest growth of executed
opcodes over the four dimensions (limit 2), the CPU time in yardsticks (limit 20, for a backward
pass 60), and how often it was called too slow in ``--repeat`` races. ``--busy`` runs that many
processes beside it, to see what load does to the verdicts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.assertions.speed import race
from autograder.assertions.vectorization import LIMIT as GROWTH_LIMIT
from autograder.assertions.vectorization import growth
from autograder.audit.handins import HandIn, Solution, hand_ins
from autograder.suites.convolution import (
    LARGE,
    PRODUCT,
    PROTOCOL,
    VECTORIZED,
    arguments_of,
    speed_limit,
)
from autograder.worker.host import SandboxedSubmission, open_sandbox

ROOT = Path(__file__).parent.parent
SMALL = {"N": 2, "C": 2, "F": 2, "H": 6, "W": 6}


def hand_ins_of(solution: Solution) -> Iterator[HandIn]:
    """The model solution, for each task, then every correct and every slow variant."""
    for task in VECTORIZED:
        yield HandIn("variant", "convolution", task, "model solution", solution.source(task))
        yield from hand_ins(solution, ("variant", "slow"), {task})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--repeat", type=int, default=1, help="races for each variant")
    parser.add_argument("--busy", type=int, default=0, help="busy processes beside it")
    options = parser.parse_args()
    spin = [sys.executable, "-c", "while True: pass"]
    load = [subprocess.Popen(spin) for _ in range(options.busy)]
    try:
        measure(options)
    finally:
        for process in load:
            process.kill()


def ignore(arguments: Any, result: Any) -> None:
    """Results are verified by tests, not here."""


def measure(options: argparse.Namespace) -> None:
    figures: list[dict[str, Any]] = []
    solution = Solution(ROOT / "solutions", "convolution")
    with open_sandbox() as box:
        for hand_in in track(list(hand_ins_of(solution)), "measuring"):
            task, rng = hand_in.task, np.random.default_rng(0)
            with SandboxedSubmission(box, solution.cells(hand_in)) as submission:

                def make(
                    sizes: Mapping[str, int],
                    task: str = task,
                    rng: Any = rng,
                    submission: Any = submission,
                ) -> Any:
                    return PROTOCOL.inside(submission, task, arguments_of(task, rng, sizes))

                grown = max(
                    growth(submission, task, make, SMALL, dimension)[0]
                    for dimension in ("N", "C", "F", "HW")
                )
                limit = speed_limit(task)
                runs = [
                    race(submission, task, lambda m=make: m(LARGE), PRODUCT, ignore, limit)
                    for _ in range(options.repeat)
                ]
            figures.append(
                {
                    "task": task,
                    "kind": {"variant": "correct"}.get(hand_in.kind, hand_in.kind),
                    "name": hand_in.name,
                    "growth": grown,
                    "speed": statistics.median(run.median for run in runs),
                    "too_slow": sum(run.exceeds(limit) for run in runs),
                }
            )
    forward, backward = (speed_limit(task) for task in VECTORIZED)
    limits = f"growth {GROWTH_LIMIT:g}, speed {forward:g} forward, {backward:g} backward"
    table = Table(title=f"limits: {limits}")
    for column in ("task", "kind", "variant"):
        table.add_column(column)
    table.add_column("growth", justify="right")
    table.add_column("speed", justify="right")
    table.add_column(f"too slow, of {options.repeat}", justify="right")
    for f in figures:
        cells = [f["task"], f["kind"], f["name"], f"{f['growth']:.2f}", f"{f['speed']:.1f}"]
        table.add_row(*cells, str(f["too_slow"]))
    Console().print(table)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
