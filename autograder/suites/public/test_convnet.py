"""Public checks of the convnet assignment: expected values come from stored vectors."""

from __future__ import annotations

import pytest

from autograder.pytest_plugin import Stored
from autograder.suites.convnet import (
    NETWORK,
    PROTOCOL,
    expect_initial,
    expect_spread,
    expect_trained,
)
from autograder.worker.host import Submission

LAYERS = ("affine_forward", "affine_backward", "relu_forward", "relu_backward", "softmax_loss")
TABLES = ("lenet_shapes", "layer_costs")
NETWORKS = ("convnet_loss", "convnet_predict")
STORED = (*LAYERS, *TABLES, *NETWORKS, "sgd_momentum_step")


def every_case(submission: Submission, task: str, stored: Stored, group: str) -> None:
    PROTOCOL.expect_all(submission, task, stored.cases(PROTOCOL.operator_of(task), group))


@pytest.mark.check(STORED, title="first examples", weight=3)
def test_basic(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "basic")


@pytest.mark.check((*LAYERS, *TABLES, *NETWORKS), title="other shapes", weight=2, needs="basic")
def test_shapes(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "shapes")


@pytest.mark.check(("relu_forward", "relu_backward"), title="at exactly zero", needs="basic")
def test_zero(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "zero")


@pytest.mark.check("softmax_loss", title="large scores do not overflow", weight=2, needs="basic")
def test_large_scores(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "large")


@pytest.mark.check("sgd_momentum_step", title="a velocity from before", weight=2, needs="basic")
def test_velocity(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "steps")


@pytest.mark.check("lenet_shapes", title="sizes that pooling does not divide", needs="basic")
def test_errors(submission: Submission, task: str, stored: Stored) -> None:
    every_case(submission, task, stored, "errors")


@pytest.mark.check(
    (*LAYERS, *NETWORKS, "sgd_momentum_step"),
    title="the arguments stay as they were",
    needs="basic",
)
def test_arguments_unchanged(submission: Submission, task: str, stored: Stored) -> None:
    # With more axes too: an array that is flattened in place shows only there.
    for group in ("basic", "steps" if task == "sgd_momentum_step" else "shapes"):
        PROTOCOL.expect_unchanged(submission, task, stored.cases(task, group)[0])


@pytest.mark.check("init_convnet", title="names and shapes", weight=2)
def test_initial(submission: Submission, task: str) -> None:
    expect_initial(submission, **NETWORK)


@pytest.mark.check("init_convnet", title="how large the weights are", weight=3, needs="initial")
def test_spread(submission: Submission, task: str) -> None:
    expect_spread(submission, 0)


@pytest.mark.check("train_convnet", title="it learns to read digits", weight=4)
def test_training(submission: Submission, task: str) -> None:
    expect_trained(submission, 0)
