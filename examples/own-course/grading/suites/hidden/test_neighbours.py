"""Hidden checks of ``neighbours``: fresh numbers, expected values from the reference."""

from __future__ import annotations

import numpy as np
import pytest
from autograder.suites.neighbours import PROTOCOL, TASKS, arguments_of

from autograder.reference import neighbours as reference
from autograder.suites.hidden.oracle import Oracle
from autograder.worker.host import Submission

ORACLE = Oracle(PROTOCOL, reference)
Rng = np.random.Generator


@pytest.mark.check(TASKS, title="random samples", weight=3, needs="basic")
def test_random(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    calls = []
    for _ in range(8):
        sizes = {name: int(shapes.integers(1, 9)) for name in "NMD"}
        sizes["k"] = int(shapes.integers(1, sizes["M"] + 1))
        calls.append(arguments_of(task, rng, sizes))
    ORACLE.compare_all(submission, task, calls)
