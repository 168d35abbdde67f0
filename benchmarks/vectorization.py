"""Prints how far the kept variants lie from the limits: ``python benchmarks/vectorization.py``.

For every correct and every slow variant of the vectorized tasks: the largest growth of executed
opcodes over all dimensions, or that they cannot be counted; the CPU time in yardsticks and as a
share of the task's limit, the middle and the slowest of ``--repeat`` races; how many of these said
"too slow"; and what the worker spent on arguments and result, as a share of the limit. ``--load``
runs processes beside it, to see what that does to the verdicts; ``--without`` lets NumPy and its
BLAS do without this machine's newer instructions, as on an older one; ``--at-home`` has the races
run in this process, as ``check(...)`` does in a notebook's kernel.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.assertions.vectorization import LIMIT as GROWTH_LIMIT
from autograder.assertions.vectorization import growth
from autograder.audit.command import wide_console
from autograder.audit.handins import HandIn, Solution, hand_ins
from autograder.report import Finding
from autograder.worker import sandbox
from autograder.worker.host import Sandbox, SandboxedSubmission, open_sandbox
from speed import LOADS, correct, load, races, task_suite, timed_tasks, where

OLDER = {"avx512": ("Haswell", ("X86_V4", "AVX512")), "avx2": ("Nehalem", ("X86_V", "AVX"))}
"""OpenBLAS's name for a machine without these instructions, and how NumPy's names of them begin."""

COLUMNS = ("growth", "yardsticks", "of the limit", "worst", "too slow", "outside")


def hand_ins_of(wanted: str) -> Iterator[tuple[Solution, HandIn]]:
    """For each timed task every correct and every slow variant."""
    for solution, task in timed_tasks(wanted):
        for hand_in in (*correct(solution, task), *hand_ins(solution, ("slow",), {task})):
            yield solution, hand_in


def steps(box: Sandbox, solution: Solution, hand_in: HandIn) -> float | None:
    """The largest growth of executed opcodes; None where they cannot be counted."""
    suite, task = task_suite(solution), hand_in.task
    rng = np.random.default_rng(0)
    base, dimensions = suite.growing(task)
    with SandboxedSubmission(box, solution.cells(hand_in)) as submission:

        def make(sizes: Mapping[str, int], window: Any) -> Any:
            arguments = suite.arguments_of(task, rng, sizes, *window)
            return suite.PROTOCOL.inside(submission, task, arguments)

        with contextlib.suppress(Finding):
            return max(
                growth(submission, task, partial(make, window=window), base, dimension)[0]
                for window in getattr(suite, "COUNTED", [()])
                for dimension in dimensions.values()
            )
    return None


def do_without(instructions: str) -> None:
    """Let workers that start from now on work as on a machine without ``instructions``."""
    core, names = OLDER[instructions]
    found = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    sandbox.ENVIRONMENT["OPENBLAS_CORETYPE"] = core
    sandbox.ENVIRONMENT["NPY_DISABLE_CPU_FEATURES"] = " ".join(
        name for name in found if name.startswith(names)
    )


def measure(
    box: Sandbox, solution: Solution, hand_in: HandIn, options: argparse.Namespace
) -> dict[str, Any]:
    limit = task_suite(solution).TIMINGS[hand_in.task].limit
    runs = list(races(None if options.at_home else box, solution, hand_in, options.repeat))
    medians = [run.median for run in runs]
    return {
        "task": hand_in.task,
        "kind": {"variant": "correct"}.get(hand_in.kind, hand_in.kind),
        "name": hand_in.name,
        "growth": steps(box, solution, hand_in),
        "yardsticks": statistics.median(medians),
        "of_limit": statistics.median(medians) / limit,
        "worst": max(medians) / limit,
        "too_slow": sum(run.exceeds(limit) for run in runs),
        "outside": max(statistics.median(run.outside) for run in runs) / limit,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--repeat", type=int, default=1, help="races for each variant (default: 1)")
    parser.add_argument("--load", choices=LOADS, default="quiet", help="what runs beside it")
    parser.add_argument("--task", default="", help="only tasks whose name contains this")
    parser.add_argument("--without", choices=OLDER, help="instructions to do without (x86 only)")
    parser.add_argument("--at-home", action="store_true", help="as in a notebook, in this process")
    options = parser.parse_args()
    if options.without is not None:
        if options.at_home:
            parser.error("--without is for workers, which start anew; this process has started")
        do_without(options.without)
    with load(options.load), open_sandbox() as box:
        figures = [
            measure(box, *each, options)
            for each in track(
                list(hand_ins_of(options.task)), "measuring", console=Console(stderr=True)
            )
        ]
    show(figures, options)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def show(figures: list[dict[str, Any]], options: argparse.Namespace) -> None:
    without = "" if options.without is None else f", without {options.without}"
    without += ", as in a notebook" if options.at_home else ""
    table = Table(
        title=f"{where()}; {options.load}{without}; a growth beyond {GROWTH_LIMIT:g} is a loop; "
        f"races of each: {options.repeat}"
    )
    for column in ("task", "kind", "variant"):
        table.add_column(column, overflow="fold")
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for f in figures:
        table.add_row(
            f["task"],
            f["kind"],
            f["name"],
            "refused" if f["growth"] is None else f"{f['growth']:.2f}",
            f"{f['yardsticks']:.1f}",
            f"{f['of_limit']:.2f}",
            f"{f['worst']:.2f}",
            str(f["too_slow"]),
            f"{f['outside']:.2f}",
        )
    wide_console(140).print(table)


if __name__ == "__main__":
    main()
