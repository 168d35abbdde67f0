"""Can the clock be believed? ``python benchmarks/clock.py [--calls N]``

A worker does the same piece of work again and again, and is stopped in between, as when its speed
is measured. Printed is how often its CPU time, by the kernel's account, was less than a quarter or
more than four times the usual, and how much of the machine's time its host has taken meanwhile.

On a virtual machine with a busy host, readings of almost nothing occur: the kernel takes the time
that the host has stolen off whatever runs when it learns of it. ``assertions.speed`` measures such
pairs again.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from rich.console import Console
from rich.progress import track

from autograder.worker.host import Cell, SandboxedSubmission, open_sandbox

WORK = """
import numpy as np
def work():
    a = np.ones((200, 200))
    for _ in range(3):
        a @ a
"""


def stolen() -> float:
    """Seconds that a host has taken from this machine since it started, 0 where nobody tells."""
    try:
        fields = Path("/proc/stat").read_text().splitlines()[0].split()
    except OSError:
        return 0.0
    return float(fields[8]) / 100


def readings(calls: int, console: Console) -> list[float]:
    """CPU seconds of each call."""
    found = []
    with open_sandbox() as box, SandboxedSubmission(box, [Cell("cell 1", WORK)]) as submission:
        submission.run()
        submission.call("work")
        for _ in track(range(calls), "calls", console=console, transient=True):
            submission.rest()
            before = submission.spent()
            submission.call("work")
            found.append(submission.spent() - before)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=3000, help="how often the work is done")
    options = parser.parse_args()
    before, started = stolen(), time.perf_counter()
    found = readings(options.calls, Console(stderr=True))
    share = (stolen() - before) / (time.perf_counter() - started)
    usual = statistics.median(found)
    low = sum(seconds < usual / 4 for seconds in found)
    high = sum(seconds > usual * 4 for seconds in found)
    Console(highlight=False).print(
        f"{len(found)} calls of {1000 * usual:.2f} ms (median)\n"
        f"less than a quarter: {low} ({low / len(found):.2%})\n"
        f"more than four times: {high} ({high / len(found):.2%})\n"
        f"stolen by the host meanwhile: {share:.1%} of one core"
    )


if __name__ == "__main__":
    main()
