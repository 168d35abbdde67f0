"""Hidden checks of ``myassignment``: fresh numbers, expected values from the reference."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.reference import myassignment as reference
from autograder.suites.hidden.oracle import Oracle
from autograder.suites.myassignment import PROTOCOL, TASKS, arguments_of
from autograder.worker.host import Submission

ORACLE = Oracle(PROTOCOL, reference)
Rng = np.random.Generator


@pytest.mark.check(TASKS, title="random tables", weight=3, needs="basic")
def test_random(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    # Shapes are the same for every seed, so that every seed is as hard; numbers are not.
    calls = []
    for _ in range(6):
        sizes = {name: int(shapes.integers(1, 9)) for name in "ND"}
        calls.append(arguments_of(task, rng, sizes))
    ORACLE.compare_all(submission, task, calls)
