"""A class with attacks in it: ``python benchmarks/attacks.py [--attacks N] [--json FILE]``.

Grades honest submissions alone, then the same ones with the attacks of ``tests/attacks`` among
them, by ``autograder grade`` on all cores. The second batch may take one and a half times as long
as the first, and besides that what it had to wait for: calls and cells that ran into limits. No
honest score may change, and no honest report but for times.

Whatever an attack does, it is a submission more, so the ratio grows with their number; ``--attacks
120`` takes every second or third of them.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.batch.store import Results
from autograder.report import Report
from autograder.worker.host import Limits
from classes import ROOT, build_class

sys.path.insert(0, str(ROOT / "tests"))
from attacks.attack import cell, cells_of, notebook, write
from attacks.baselines import BASELINES
from attacks.catalogue import ATTACKS
from attacks.surroundings import Surroundings


def write_attacks(folder: Path, surroundings: Surroundings, most: int) -> int:
    """One submission an attack, as ``folder/<name>/<file>``: of all, or of ``most`` of them that
    lie evenly among all. Returns how many."""
    facts = surroundings.facts()
    count = min(most, len(ATTACKS))
    chosen = {len(ATTACKS) * k // count for k in range(count)}
    for number, attack in enumerate(ATTACKS.values()):
        if number not in chosen:
            continue
        own = folder / f"attack{number:03}"
        own.mkdir(parents=True)
        if isinstance(attack.source, str):
            cells = cells_of(attack.source, facts, BASELINES.get(attack.beside, ()))
            write(own, notebook([cell(source) for source in cells]))
        else:
            attack.source(own, facts)
    return count


def grade(folder: Path, out: Path) -> float:
    """Seconds that the command takes."""
    command = [sys.executable, "-m", "autograder.cli", "grade", str(folder), "--out", str(out)]
    environment = {**os.environ, "AUTOGRADER_SEED": "1", "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        sys.exit(f"autograder grade ended with {done.returncode}: {done.stderr[-2000:]}")
    return time.perf_counter() - started


def waited(report: Report) -> float:
    """Seconds that a report's limits made the grader wait: of checks that were stopped for their
    time, or lasted as long as a call may work (it slept, or was stopped while its mistake was
    looked for), and of cells that did."""
    limit = Limits().call
    checks = [check for task in report.tasks for check in task.checks]
    calls = sum(c.seconds for c in checks if c.verdict == "timeout" or c.seconds >= limit)
    cells = report.seconds - sum(check.seconds for check in checks)
    return calls + (cells if cells >= limit else 0.0)


def timeless(report: Report) -> Report:
    """A report without what may differ when the same notebook is graded again."""
    tasks = tuple(
        replace(task, checks=tuple(replace(c, seconds=0.0, yardsticks=0.0) for c in task.checks))
        for task in report.tasks
    )
    return replace(report, tasks=tasks, seconds=0.0)


def measure(honest: int, most: int, console: Console) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "surroundings").mkdir()
        surroundings = Surroundings(root / "surroundings", secrets.token_hex(16))
        try:
            alone, mixed = root / "alone", root / "mixed"
            build_class(root / "built", honest)
            for path in (root / "built").iterdir():
                for folder in (alone, mixed):
                    shutil.copytree(path / "convolution", folder / path.name)
            count = write_attacks(mixed, surroundings, most)
            console.print(f"grading {honest} honest submissions", highlight=False)
            first = grade(alone, root / "out1")
            console.print(f"grading them with {count} attacks among them", highlight=False)
            second = grade(mixed, root / "out2")
        finally:
            surroundings.close()
        before = {r.student: timeless(r) for r in Results(root / "out1").reports()}
        after = {r.student: r for r in Results(root / "out2").reports()}
        attacks = [r for r in after.values() if r.student not in before]
        jobs = len(os.sched_getaffinity(0))
        waits = sum(map(waited, attacks)) / jobs
        scores = [n for n, r in before.items() if after[n].points != r.points]
        return {
            "honest": honest,
            "attacks": len(attacks),
            "attacks_not_graded": sum(r.status == "not graded" for r in attacks),
            "seconds_honest": first,
            "seconds_together": second,
            "seconds_waited": waits,
            "ratio": (second - waits) / first,
            "cost_of_an_attack": (second - waits - first) / len(attacks) / (first / honest),
            "honest_scores_changed": len(scores),
            "honest_reports_changed": sum(timeless(after[n]) != r for n, r in before.items()),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--honest", type=int, default=100, help="honest submissions")
    parser.add_argument("--attacks", type=int, default=len(ATTACKS), help="attacks (all of them)")
    options = parser.parse_args()
    console = Console(highlight=False)
    found = measure(options.honest, options.attacks, Console(stderr=True))
    console.print(
        f"{found['honest']} honest submissions: {found['seconds_honest']:.0f} s\n"
        f"with {found['attacks']} attacks:      {found['seconds_together']:.0f} s, of them "
        f"{found['seconds_waited']:.0f} s waiting for limits\n"
        f"ratio without the waiting: {found['ratio']:.2f}\n"
        f"cost of an attack:         {found['cost_of_an_attack']:.2f} honest submissions\n"
        f"honest scores changed:     {found['honest_scores_changed']}\n"
        f"honest reports changed:    {found['honest_reports_changed']}\n"
        f"attacks not graded:        {found['attacks_not_graded']}"
    )
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
