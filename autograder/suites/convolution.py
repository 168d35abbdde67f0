"""How the tasks of the convolution assignment are called, for the public and the hidden suite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..assertions import speed, values
from ..report import Finding
from ..vectors import Case, Lesson
from ..worker.host import Submission
from ..worker.wire import Handle

__all__ = [
    "BACKWARD",
    "FORWARD",
    "NAMES",
    "expect_error",
    "expect_values",
    "operator_of",
    "run",
    "speed_limit",
]

FORWARD = (
    "conv_forward_naive",
    "conv_forward_vectorized",
    "conv1d_forward",
    "conv3d_forward",
)
BACKWARD = ("conv_backward_naive", "conv_backward_vectorized")
NAMES = ("dx", "dw", "db")
PRODUCTS_BACKWARD = 3
"""Of the yardstick's kind: for ``dw``, for the columns of ``dx``, and adding these up."""

_VARIANTS = ("_naive", "_vectorized")


def operator_of(task: str) -> str:
    """The operator that ``task`` implements: naive and vectorized tasks share one."""
    for ending in _VARIANTS:
        task = task.removesuffix(ending)
    return task


def speed_limit(task: str) -> float:
    """How many yardsticks ``task`` may take; a backward pass as much as three forward passes."""
    return speed.LIMIT * (PRODUCTS_BACKWARD if task in BACKWARD else 1)


def run(submission: Submission, task: str, arguments: Mapping[str, Any]) -> Any:
    """Call ``task`` with the arguments of its operator; return what the operator returns.

    A forward pass keeps its cache inside. A backward pass gets the student's own cache if their
    forward pass is right, else the prescribed one, ``(x, w, b, conv_param)``.
    """
    values_ = list(arguments.values())
    if task in FORWARD:
        return _forward(submission, task, values_)[0]
    if task in BACKWARD:
        dout, *inputs = values_
        return submission.call(task, dout, tuple(inputs))
    return submission.call(task, *values_)


def _forward(submission: Submission, task: str, arguments: Sequence[Any]) -> tuple[Any, Any]:
    result = submission.call(task, *arguments, keep=(1,))
    if type(result) not in (tuple, list) or len(result) != 2:
        raise Finding(f"{task} must return two values: out, cache.")
    return result[0], result[1]


def expect_values(
    submission: Submission, task: str, case: Case, lessons: Mapping[str, Lesson]
) -> None:
    """Raise a :class:`Finding` unless ``task`` gives the expected result of ``case``."""
    names = NAMES if task in BACKWARD else ("out",) if task in FORWARD else ("the result",)
    try:
        values.expect(_run(submission, task, case), case, lessons, task, names)
    except Finding as finding:
        if task not in BACKWARD or not _right_with_own_cache(submission, task, case):
            raise finding


def _run(submission: Submission, task: str, case: Case) -> Any:
    try:
        return run(submission, task, case.arguments)
    except Finding as finding:
        if finding.verdict != "not attempted":
            call = values.describe_call(task, case.arguments)
            finding.message = f"{call}\n{finding.message}"
            finding.brief = f"Tested with {values.shapes(case.arguments)}. {finding.brief}"
        raise


def _right_with_own_cache(submission: Submission, task: str, case: Case) -> bool:
    """Whether the backward pass is right with the cache of the student's own forward pass.

    The cache is prescribed, but who keeps more in it and uses it consistently is not wrong.
    """
    dout, *inputs = case.arguments.values()
    forward = task.replace("backward", "forward")
    try:
        _, cache = _forward(submission, forward, inputs)
        if type(cache) is not Handle:
            return False
        got = submission.call(task, dout, cache)
        submission.drop(cache)
    except Finding:
        return False
    single = any(getattr(v, "dtype", None) == np.float32 for v in case.arguments.values())
    return type(got) in (tuple, list) and values.agree(tuple(got), case.expected, single)


def expect_error(submission: Submission, task: str, case: Case) -> None:
    """Raise a :class:`Finding` unless ``task`` raises the exception that ``case`` names."""
    got, finding = None, None
    try:
        got = run(submission, task, case.arguments)
    except Finding as problem:
        finding = problem
    values.expect_raises(finding, got, case, task)
