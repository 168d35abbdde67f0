"""Measures the grader on a whole class, beside stock nbgrader: ``python benchmarks/grading.py``.

A class of notebooks (the example class and every correct variant, with renamed local variables) is
graded by ``autograder grade`` with all checks, those of speed included, on all cores. In turns with
it, the cells of notebooks of the same class are merely run in a Jupyter kernel, which is what stock
nbgrader's ``Execute`` does; those that a kernel does not survive are left out there. Reported are:

- submissions a minute, ours and stock, and their ratio; the second ratio leaves out the cells that
  are tagged ``experiment``, which we never run and stock always does;
- where the time of a submission goes, by the times in the reports;
- the memory of all our processes together (proportional set size), when a tenth of the class was
  graded and when all of it was;
- with ``--scaling``, how much faster twice the processes on twice the cores are, in turns on parts
  of the class;
- with ``--kills N``, whether anything is lost when the command is killed at random moments.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbgrader.preprocessors import Execute
from rich.console import Console

from autograder.batch.store import Results
from autograder.report import Report
from classes import ROOT, build_class

DEADLY = ("nora", "omar", "wim", "rosa", "sam")
"""Of the example class: endless loops and the like, which hold up or end a kernel."""

ENVIRONMENT = {**os.environ, "AUTOGRADER_SEED": "1", "PYTHONPATH": str(ROOT)}


def command(folder: Path, out: Path, *more: str) -> list[str]:
    grade = [sys.executable, "-m", "autograder.cli", "grade", str(folder), "--out", str(out)]
    return [*grade, *more]


def memory(root: int) -> float:
    """Of the process ``root`` and all below it, in MiB; what they share is counted once."""
    total = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(root)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().pss
    return total / 2**20


def grade_class(folder: Path, out: Path, count: int, jobs: int) -> dict[str, Any]:
    """Grade all of ``folder`` on as many cores as processes; how fast, and in how much memory."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:jobs])  # the command inherits it
    process = subprocess.Popen(
        command(folder, out, "--jobs", str(jobs)),
        env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.sched_setaffinity(0, cores)
    started = time.perf_counter()
    samples: list[tuple[int, float]] = []
    while process.poll() is None:
        done = sum(1 for _ in out.glob("*/*.json"))
        samples.append((done, memory(process.pid)))
        time.sleep(1.0)
    seconds = time.perf_counter() - started
    if process.returncode not in (0, 2):
        sys.exit(f"autograder grade ended with {process.returncode}")
    early = [m for done, m in samples if count / 10 <= done < count / 5] or [0.0]
    late = [m for done, m in samples if done >= count * 0.8] or [0.0]
    return {
        "per_minute": 60 * count / seconds,
        "peak_mib": max(m for _, m in samples),
        "early_mib": statistics.median(early),
        "late_mib": statistics.median(late),
    }


def execute(path: Path, *, experiments: bool) -> float:
    """Seconds that stock nbgrader needs to run the cells of a notebook."""
    notebook = nbformat.read(path, as_version=4)
    if not experiments:
        notebook.cells = [
            cell for cell in notebook.cells if "experiment" not in cell.metadata.get("tags", ())
        ]
    started = time.perf_counter()
    Execute(kernel_name="python3", timeout=300).preprocess(notebook, {})
    return time.perf_counter() - started


def stock_sample(files: list[Path], count: int, chance: random.Random) -> Iterator[Path]:
    able = [f for f in files if f.parent.parent.name.split("-", 1)[1] not in DEADLY]
    yield from chance.sample(able, min(count, len(able)))


def shares(reports: list[Report]) -> dict[str, float]:
    """Where the time of a submission with full points goes, in seconds, medians; and the longest
    time for checks of speed."""
    full = [r for r in reports if r.status == "graded" and r.points == r.max_points]
    timing = ("speed", "vectorized")
    rows = []
    for report in full:
        checks = [check for task in report.tasks for check in task.checks]
        speed = sum(c.seconds for c in checks if c.name in timing)
        values = sum(c.seconds for c in checks if c.name not in timing)
        rows.append((report.seconds, values, speed, report.seconds - values - speed))
    if not rows:
        return {}
    names = ("seconds", "seconds_values", "seconds_speed", "seconds_cells_and_rest")
    found = {
        name: statistics.median(column)
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    found["seconds_speed_most"] = max(row[2] for row in rows)
    return found


def scaling(root: Path, files: list[Path], rounds: int = 3) -> list[float]:
    """How much faster two processes on two cores are than one on one, on the same parts of the
    class, in turns."""
    part = max(20, len(files) // 12)
    ratios = []
    for number in range(rounds):
        rates = {}
        where = root / f"part{number}"
        for path in files[number * part : (number + 1) * part]:
            shutil.copytree(path.parent.parent, where / path.parent.parent.name)
        for jobs in (1, 2) if number % 2 else (2, 1):
            found = grade_class(where, root / f"out{number}{jobs}", part, jobs)
            rates[jobs] = found["per_minute"]
        ratios.append(rates[2] / rates[1])
    return ratios


def kills(folder: Path, out: Path, count: int, number: int, chance: random.Random) -> int:
    """Kill the command ``number`` times; how many results were lost, doubled or damaged."""
    faults = 0
    seen: dict[Path, bytes] = {}

    def look() -> dict[Path, bytes]:
        nonlocal faults
        now = {path: path.read_bytes() for path in out.glob("*/*.json")}
        faults += sum(1 for path, content in seen.items() if now.get(path) != content)
        for content in now.values():
            try:
                Report.from_json(content.decode())
            except ValueError:
                faults += 1
        return now

    for _ in range(number):
        process = subprocess.Popen(
            command(folder, out), env=ENVIRONMENT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        before = len(seen)
        while process.poll() is None and sum(1 for _ in out.glob("*/*.json")) <= before:
            time.sleep(0.02)
        time.sleep(chance.uniform(0.0, 0.7 * count / (number * 2.5)))
        process.kill()
        process.wait()
        seen = look()
    subprocess.run(command(folder, out), env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=False)
    seen = look()
    return faults + count - len(seen)


def measure(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        folder, out = root / "submitted", root / "out"
        files = build_class(folder, options.submissions)
        jobs = len(os.sched_getaffinity(0))
        sample = list(stock_sample(files, options.stock, chance))
        half = len(sample) // 2

        def run_stock(paths: list[Path]) -> list[tuple[float, float]]:
            return [
                (execute(path, experiments=True), execute(path, experiments=False))
                for path in paths
            ]

        console.print(f"running {half} notebooks as stock nbgrader does", highlight=False)
        stock = run_stock(sample[:half])
        console.print(f"grading {options.submissions} submissions with {jobs} processes")
        figures = grade_class(folder, out, options.submissions, jobs)
        console.print(f"running {len(sample) - half} more notebooks as stock nbgrader does")
        stock += run_stock(sample[half:])
        figures |= shares(list(Results(out).reports()))
        whole, without = (statistics.mean(column) for column in zip(*stock, strict=True))
        figures |= {
            "submissions": options.submissions,
            "jobs": jobs,
            "stock_submissions": len(stock),
            "stock_per_minute": 60 / whole,
            "ratio": figures["per_minute"] * whole / 60,
            "ratio_without_experiments": figures["per_minute"] * without / 60,
        }
        if options.scaling:
            console.print("one process and two, in turns")
            figures["scaling"] = scaling(root, files)
        if options.kills:
            console.print(f"killing the command {options.kills} times")
            small = root / "small"
            count = min(options.submissions, 40 * options.kills)
            build_class(small, count)
            figures["kills"] = options.kills
            figures["kills_faults"] = kills(small, root / "killed", count, options.kills, chance)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--submissions", type=int, default=200, help="size of the class")
    parser.add_argument("--stock", type=int, default=16, help="notebooks run as stock does")
    parser.add_argument("--scaling", action="store_true", help="one process against two, too")
    parser.add_argument("--kills", type=int, default=0, help="kill the command so often, too")
    options = parser.parse_args()
    console = Console(highlight=False)
    figures = measure(options, Console(stderr=True))
    console.print(
        f"{figures['submissions']} submissions, {figures['jobs']} processes\n"
        f"ours, all checks:          {figures['per_minute']:7.1f} a minute\n"
        f"stock, running cells only: {figures['stock_per_minute']:7.1f} a minute "
        f"({figures['stock_submissions']} notebooks)\n"
        f"ratio:                     {figures['ratio']:7.1f} "
        f"({figures['ratio_without_experiments']:.1f} without the experiments)\n"
        f"memory, all processes:     {figures['peak_mib']:7.0f} MiB at most, "
        f"{figures['early_mib']:.0f} after a tenth, {figures['late_mib']:.0f} at the end"
    )
    if "seconds" in figures:
        console.print(
            f"a submission with full points takes {figures['seconds']:.2f} s: "
            f"{figures['seconds_values']:.2f} s for values, {figures['seconds_speed']:.2f} s for "
            f"speed ({figures['seconds_speed_most']:.2f} s at most), "
            f"{figures['seconds_cells_and_rest']:.2f} s for its cells and the rest"
        )
    if "scaling" in figures:
        ratios = ", ".join(f"{ratio:.2f}" for ratio in figures["scaling"])
        console.print(f"two processes on two cores against one on one: {ratios}")
    if "kills" in figures:
        console.print(
            f"killed {figures['kills']} times: {figures['kills_faults']} results lost, graded "
            "twice or damaged"
        )
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
