"""Public checks of the normalization assignment: expected values come from stored vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autograder.assertions.speed import expect_fast
from autograder.assertions.vectorization import expect_vectorized
from autograder.language import say
from autograder.pytest_plugin import Stored
from autograder.report import Finding
from autograder.suites.normalization import (
    ARRAYS,
    FORWARD,
    OUTPUT,
    PROTOCOL,
    TIMED,
    TIMINGS,
    VECTORIZED,
    WITH_STATE,
    arguments_of,
    growing,
    output_only,
)
from autograder.worker.host import Submission

GROUPED = ("spatial_groupnorm_forward", "spatial_groupnorm_backward")


def every_case(submission: Submission, task: str, stored: Stored, group: str) -> None:
    PROTOCOL.expect_all(submission, task, stored.cases(PROTOCOL.operator_of(task), group))


@pytest.mark.check(ARRAYS, title="first examples", weight=3)
def test_basic(submission: Submission, task: str, stored: Stored) -> None:
    for case in stored.cases(PROTOCOL.operator_of(task), "basic"):
        if task in WITH_STATE:
            OUTPUT.expect_values(submission, task, output_only(case))
        else:
            PROTOCOL.expect_values(submission, task, case)


@pytest.mark.check(WITH_STATE, title="running statistics in train mode", weight=2, needs="basic")
def test_running(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "basic")
    every_case(submission, task, stored, "running")


@pytest.mark.check(WITH_STATE, title="test mode", weight=2)
def test_test_mode(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "test")


@pytest.mark.check(FORWARD, title="settings that are left out", needs="basic")
def test_defaults(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "defaults")


@pytest.mark.check("fold_batchnorm", title="a fully connected layer", weight=3)
def test_connected(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "connected")


@pytest.mark.check(GROUPED, title="one group, and a group for each channel", needs="basic")
def test_ends(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "ends")


@pytest.mark.check(ARRAYS, title="a large eps; gamma zero and negative", needs="basic")
def test_scale(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "scale")


@pytest.mark.check(WITH_STATE, title="any other mode raises ValueError", needs="basic")
def test_modes(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "errors")


@pytest.mark.check(
    "spatial_groupnorm_forward", title="unequal groups raise ValueError", needs="basic"
)
def test_errors(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "errors")


@pytest.mark.check(ARRAYS, title="the arguments stay as they were", needs="basic")
def test_arguments_unchanged(submission: Submission, task: str, stored: Stored) -> None:
    case = stored.cases(PROTOCOL.operator_of(task), "basic")[-1]
    PROTOCOL.expect_unchanged(submission, task, case)


@pytest.mark.check(ARRAYS, title="float32 stays float32", needs="basic")
def test_float32(submission: Submission, task: str, stored: Stored) -> None:
    for case in stored.cases(PROTOCOL.operator_of(task), "float32"):
        PROTOCOL.expect_dtype(submission, task, case)


@pytest.mark.check(VECTORIZED, title="no loop in Python", weight=2, needs="basic")
def test_vectorized(submission: Submission, task: str, rng: np.random.Generator) -> None:
    def make(sizes: Mapping[str, int]) -> list[Any]:
        return PROTOCOL.inside(submission, task, arguments_of(task, rng, sizes))

    expect_vectorized(submission, task, make, *growing(task))


@pytest.mark.check(TIMED, title="fast enough", needs=("basic", "vectorized"))
def test_speed(submission: Submission, task: str, rng: np.random.Generator) -> None:
    def make() -> list[Any]:
        return PROTOCOL.inside(submission, task, arguments_of(task, rng, TIMINGS[task].sizes))

    def finite(call: Any, result: Any) -> None:
        PROTOCOL.forget(submission, call)
        results = result if type(result) in (tuple, list) else ()
        arrays = [a for a in results if isinstance(a, np.ndarray)]
        if not arrays or not all(np.isfinite(a).all() for a in arrays):
            raise Finding(say("{task} gave no finite numbers for larger arrays.", task=task))

    expect_fast(submission, task, make, finite, TIMINGS[task].limit)
