"""Public checks of the convolution assignment: expected values come from stored vectors."""

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
from autograder.suites.convolution import (
    BACKWARD,
    FORWARD,
    LARGE,
    PROTOCOL,
    TIMINGS,
    VECTORIZED,
    arguments_of,
    growing,
)
from autograder.worker.host import Submission

SMALL = ("conv_output_size", "same_padding", "conv_cost", "receptive_field")
LAYERS = (*FORWARD, *BACKWARD)
ARRAYS = (*LAYERS, "conv1x1_forward", "compose_convs")
WITH_ERRORS = ("conv_output_size", "same_padding", "conv_cost", *FORWARD)


def every_case(submission: Submission, task: str, stored: Stored, group: str) -> None:
    PROTOCOL.expect_all(submission, task, stored.cases(PROTOCOL.operator_of(task), group))


@pytest.mark.check((*SMALL, *ARRAYS), title="first examples", weight=3)
def test_basic(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "basic")


@pytest.mark.check(
    ("conv_output_size", "conv_cost", *LAYERS), title="padding", weight=2, needs="basic"
)
def test_padding(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "padding")


@pytest.mark.check(
    ("conv_output_size", "conv_cost", "receptive_field", *LAYERS),
    title="stride",
    weight=2,
    needs="basic",
)
def test_stride(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "stride")


@pytest.mark.check(ARRAYS, title="images and kernels that are not square", weight=2, needs="basic")
def test_rectangles(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "rectangles")


@pytest.mark.check(WITH_ERRORS, title="sizes that do not fit raise ValueError", needs="basic")
def test_errors(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "errors")


@pytest.mark.check(
    ("receptive_field", *ARRAYS), title="the arguments stay as they were", needs="basic"
)
def test_arguments_unchanged(submission: Submission, task: str, stored: Stored) -> None:
    case = stored.cases(PROTOCOL.operator_of(task), "basic")[-1]
    PROTOCOL.expect_unchanged(submission, task, case)


@pytest.mark.check(VECTORIZED, title="no loop in Python", weight=3, needs="basic")
def test_vectorized(submission: Submission, task: str, rng: np.random.Generator) -> None:
    def make(sizes: Mapping[str, int]) -> list[Any]:
        return PROTOCOL.inside(submission, task, arguments_of(task, rng, sizes))

    expect_vectorized(submission, task, make, *growing(task))


@pytest.mark.check(VECTORIZED, title="fast enough", weight=2, needs=("basic", "vectorized"))
def test_speed(submission: Submission, task: str, rng: np.random.Generator) -> None:
    def make() -> list[Any]:
        return PROTOCOL.inside(submission, task, arguments_of(task, rng, LARGE))

    def finite(call: Any, result: Any) -> None:
        PROTOCOL.forget(submission, call)
        results = result if type(result) in (tuple, list) else ()
        arrays = [a for a in results if isinstance(a, np.ndarray)]
        if not arrays or not all(np.isfinite(a).all() for a in arrays):
            raise Finding(say("{task} gave no finite numbers for larger arrays.", task=task))

    expect_fast(submission, task, make, finite, TIMINGS[task].limit)
