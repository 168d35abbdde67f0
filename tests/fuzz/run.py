"""Sends hostile frames to the grader's end of the pipe: ``python tests/fuzz/run.py``

Each is one stream in answer to one request, through a real socket and the code that grades. It must
end in a value of the allowed types or in a verdict on the submission: nothing else may be raised,
and memory may not grow. Frame number N of seed S is made again with ``--seed S --first N``.
"""

from __future__ import annotations

import argparse
import collections
import random
import resource
import sys
import time
import traceback
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.streams import ASKED, Hostile, outcome


def one(seed: int, number: int) -> tuple[str, Hostile]:
    """Send frame ``number``; how it ended."""
    rng = random.Random(f"{seed}/{number}")
    submission = Hostile(rng)
    return outcome(submission, rng.choice(ASKED)), submission


def memory() -> float:
    """The most memory that this process has used, in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=1_000_000, help="how many (1,000,000)")
    parser.add_argument("--seed", type=int, help="of the frames (default: one by the clock)")
    parser.add_argument("--first", type=int, default=0, help="number of the first frame (0)")
    options = parser.parse_args()
    seed = int(time.time()) if options.seed is None else options.seed
    outcomes: collections.Counter[str] = collections.Counter()
    slowest = (0.0, 0)
    wrong = 0
    started, before = time.perf_counter(), memory()
    numbers = range(options.first, options.first + options.frames)
    for number in track(numbers, f"seed {seed}", console=Console(stderr=True)):
        begun = time.perf_counter()
        try:
            how, _ = one(seed, number)
        except Exception:
            wrong += 1
            how = "NOT A VERDICT"
            if wrong <= 5:
                print(f"frame {number} of seed {seed}:\n{traceback.format_exc()}")
        outcomes[how] += 1
        slowest = max(slowest, (time.perf_counter() - begun, number))
    taken = time.perf_counter() - started
    table = Table("outcome", "frames", title=f"seed {seed}: {options.frames:,} frames")
    for how, count in outcomes.most_common():
        table.add_row(how, f"{count:,}")
    Console().print(table)
    print(f"{options.frames / taken:,.0f} frames a second; the slowest took {slowest[0]:.3f} s")
    print(f"(number {slowest[1]}); memory {before:.0f} MiB at first, at most {memory():.0f} MiB.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
