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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.assertions.speed import race
from autograder.assertions.vectorization import LIMIT as GROWTH_LIMIT
from autograder.assertions.vectorization import growth
from autograder.suites.convolution import speed_limit
from autograder.suites.public.test_convolution import VECTORIZED, _arguments, _sizes
from autograder.worker.host import Cell, SandboxedSubmission, open_sandbox

ROOT = Path(__file__).parent.parent
LARGE = _sizes(N=8, C=8, F=16, H=24, W=24)
FOLDER = ROOT / "autograder" / "variants" / "convolution"


def sources() -> Iterator[tuple[str, str, str, str]]:
    """Task, kind, name and text of every variant, the model solution first."""
    notebook = json.loads((ROOT / "solutions/convolution/convolution.ipynb").read_text())
    cells = {
        cell["metadata"].get("nbgrader", {}).get("grade_id"): "".join(cell["source"])
        for cell in notebook["cells"]
    }
    for task in VECTORIZED:
        parts = [cells["conv_output_size-code"], cells[f"{task}-code"]]
        yield task, "correct", "model solution", "\n\n".join(["import numpy as np", *parts])
    # The helper functions of im2col stand in one cell, so both cells come together.
    text = (ROOT / "examples" / "convolution" / "answers" / "im2col.py").read_text()
    for task in VECTORIZED:
        yield task, "correct", "im2col by indices", "import numpy as np\n" + text
    for task in VECTORIZED:
        for kind, folder in (("correct", FOLDER), ("slow", FOLDER / "slow")):
            for path in sorted((folder / task).glob("*.py")):
                yield task, kind, path.stem, path.read_text()


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
    with open_sandbox() as box:
        for task, kind, name, text in track(list(sources()), "measuring"):
            rng = np.random.default_rng(0)
            make = _arguments(task, rng)
            with SandboxedSubmission(box, [Cell(name, text)]) as submission:
                grown = max(
                    growth(submission, task, make, _sizes(), dimension)[0]
                    for dimension in ("N", "C", "F", "HW")
                )
                product = (8, 16, 72, 576)
                limit = speed_limit(task)
                runs = [
                    race(submission, task, lambda m=make: m(LARGE), product, ignore, limit)
                    for _ in range(options.repeat)
                ]
            figures.append(
                {
                    "task": task,
                    "kind": kind,
                    "name": name,
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
