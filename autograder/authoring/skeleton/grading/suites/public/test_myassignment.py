"""Public checks of ``myassignment``: expected values come from stored vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autograder.assertions.vectorization import expect_vectorized
from autograder.pytest_plugin import Stored
from autograder.suites.myassignment import PROTOCOL, SMALL, TASKS, VECTORIZED, arguments_of
from autograder.worker.host import Submission


def every_case(submission: Submission, task: str, stored: Stored, group: str) -> None:
    PROTOCOL.expect_all(submission, task, stored.cases(PROTOCOL.operator_of(task), group))


@pytest.mark.check(TASKS, title="first examples", weight=3)
def test_basic(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "basic")


@pytest.mark.check(TASKS, title="tables of other shapes", weight=2, needs="basic")
def test_shapes(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "shapes")


@pytest.mark.check(TASKS, title="the arguments stay as they were", needs="basic")
def test_arguments_unchanged(submission: Submission, task: str, stored: Stored) -> None:
    case = stored.cases(PROTOCOL.operator_of(task), "basic")[-1]
    PROTOCOL.expect_unchanged(submission, task, case)


@pytest.mark.check(VECTORIZED, title="no loop in Python", weight=3, needs="basic")
def test_vectorized(submission: Submission, task: str, rng: np.random.Generator) -> None:
    def make(sizes: Mapping[str, int]) -> list[Any]:
        return PROTOCOL.inside(submission, task, arguments_of(task, rng, sizes))

    expect_vectorized(submission, task, make, SMALL, {"rows": "N", "columns": "D"})
