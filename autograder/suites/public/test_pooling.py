"""Public checks of the pooling assignment: expected values come from stored vectors."""

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
from autograder.suites.pooling import (
    BACKWARD,
    CONVENTIONS,
    COUNTED,
    FORWARD,
    LARGE,
    MAX_BACKWARD,
    PROTOCOL,
    TIMINGS,
    VECTORIZED,
    arguments_of,
    expect_one_convention,
    growing,
)
from autograder.worker.host import Submission

LAYERS = (*FORWARD, *BACKWARD)
MAXIMUM = tuple(task for task in LAYERS if task.startswith("max"))


def every_case(submission: Submission, task: str, stored: Stored, group: str) -> None:
    PROTOCOL.expect_all(submission, task, stored.cases(PROTOCOL.operator_of(task), group))


@pytest.mark.check((*LAYERS, "shift_response"), title="first examples", weight=3)
def test_basic(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "basic")


@pytest.mark.check(MAXIMUM, title="negative images", weight=2, needs="basic")
def test_negative(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "negative")


@pytest.mark.check(LAYERS, title="windows that overlap", weight=2, needs="basic")
def test_overlap(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "overlap")


@pytest.mark.check(LAYERS, title="gaps between the windows", needs="basic")
def test_gaps(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "gaps")


@pytest.mark.check(LAYERS, title="images and windows that are not square", weight=2, needs="basic")
def test_rectangles(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "rectangles")


@pytest.mark.check(MAX_BACKWARD, title="several equal maxima", weight=2, needs="basic")
def test_ties(submission: Submission, task: str, stored: Stored) -> None:
    every = [stored.cases(operator, "ties") for operator in CONVENTIONS]
    for cases in zip(*every, strict=True):
        expect_one_convention(submission, task, cases)


@pytest.mark.check(FORWARD, title="sizes that do not fit raise ValueError", needs="basic")
def test_errors(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "errors")


@pytest.mark.check(LAYERS, title="float32 stays float32", needs="basic")
def test_float32(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "float32")
    for case in stored.cases(PROTOCOL.operator_of(task), "float32"):
        PROTOCOL.expect_dtype(submission, task, case)


@pytest.mark.check(
    (*LAYERS, "shift_response"), title="the arguments stay as they were", needs="basic"
)
def test_arguments_unchanged(submission: Submission, task: str, stored: Stored) -> None:
    case = stored.cases(PROTOCOL.operator_of(task), "basic")[-1]
    PROTOCOL.expect_unchanged(submission, task, case)


@pytest.mark.check("shift_response", title="layers of several kinds", weight=2, needs="basic")
def test_layers(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "layers")


@pytest.mark.check("shift_response", title="small and large shifts", needs="basic")
def test_shifts(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "shifts")


@pytest.mark.check("shift_response", title="nothing but zeros, and no change", needs="basic")
def test_zero(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "zero")


@pytest.mark.check(VECTORIZED, title="no loop in Python", weight=3, needs="basic")
def test_vectorized(submission: Submission, task: str, rng: np.random.Generator) -> None:
    for window, stride in COUNTED:

        def make(
            sizes: Mapping[str, int], window: tuple[int, int] = window, stride: int = stride
        ) -> list[Any]:
            arguments = arguments_of(task, rng, sizes, window, stride)
            return PROTOCOL.inside(submission, task, arguments)

        expect_vectorized(submission, task, make, *growing(task))


@pytest.mark.check(VECTORIZED, title="fast enough", weight=2, needs=("basic", "vectorized"))
def test_speed(submission: Submission, task: str, rng: np.random.Generator) -> None:
    def make() -> list[Any]:
        return PROTOCOL.inside(submission, task, arguments_of(task, rng, LARGE))

    def finite(call: Any, result: Any) -> None:
        PROTOCOL.forget(submission, call)
        result = result[0] if task in FORWARD and type(result) is tuple else result
        if type(result) is not np.ndarray or not np.isfinite(result).all():
            raise Finding(say("{task} gave no finite numbers for larger arrays.", task=task))

    expect_fast(submission, task, make, finite, TIMINGS[task].limit)
