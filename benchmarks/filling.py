"""What it costs to fill new arrays with what is never right: ``python benchmarks/filling.py``.

Untimed calls of a submission run so, in a worker and in a notebook; prints microseconds a call and
an array, the best of seven rounds, the same loop without it taken off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.worker import memory


def microseconds(run: Callable[[], Any], times: int) -> float:
    """The shortest of seven rounds of ``times`` runs, for one run."""
    best = float("inf")
    for _ in range(7):
        started = time.process_time()
        for _ in range(times):
            run()
        best = min(best, time.process_time() - started)
    return best / times * 1e6


def nothing() -> None:
    """A call that allocates nothing."""


def thousand() -> None:
    """A thousand small arrays, each given back at once."""
    for _ in range(1000):
        np.empty(20)


def main() -> None:
    call = microseconds(lambda: memory.strictly(nothing, ()), 2000) - microseconds(nothing, 2000)
    array = microseconds(lambda: memory.strictly(thousand, ()), 5) - microseconds(thousand, 5)
    print(f"filling new arrays costs {call:.1f} µs a call and {array / 1000:.2f} µs an array")


if __name__ == "__main__":
    main()
