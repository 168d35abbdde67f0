"""How far the reference is from the machine's limit: ``python benchmarks/race.py``

Writes ``race.json`` beside the stored vectors, from which ``race(...)`` in a notebook draws the
reference's line. Every operator is timed in turns with one copy and one matrix product, on one BLAS
thread, at the sizes at which speed is graded; the median of the ratios is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from importlib import import_module
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from rich.console import Console
from rich.table import Table

from autograder.assignments import all_assignments
from autograder.jupyter import racing


def ratio(suite: Any, task: str, repeat: int) -> float:
    operator = import_module(f"autograder.reference.{suite.PROTOCOL.assignment}").OPERATORS[
        suite.PROTOCOL.operator_of(task)
    ]
    timing = suite.TIMINGS[task]
    ratios = []
    for seed in range(repeat):
        given = suite.arguments_of(task, np.random.default_rng(seed), timing.sizes)
        started = time.process_time()
        operator(**given)
        taken = time.process_time() - started
        ratios.append(taken / racing.least(timing.product))
    return statistics.median(ratios[1:])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=100, help="pairs (default: 100)")
    options = parser.parse_args()
    found: dict[str, float] = {}
    for assignment in all_assignments():
        suite = import_module(f"autograder.suites.{assignment.name}")
        for task in suite.TIMINGS:
            name = suite.PROTOCOL.operator_of(task)
            if name not in found:
                found[name] = round(ratio(suite, task, options.repeat), 2)
    table = Table("operator", "copies and products")
    for name, value in found.items():
        table.add_row(name, f"{value:g}")
    Console().print(table)
    racing.STORED.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
