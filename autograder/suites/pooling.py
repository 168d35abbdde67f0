"""How the tasks of the pooling assignment are called, and what both of its suites ask of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..assertions import speed, values
from ..report import Finding
from ..vectors import Case, Lesson
from ..worker.host import Submission
from ..worker.wire import Named
from .calling import Call, Protocol

__all__ = [
    "BACKWARD",
    "CONVENTIONS",
    "FORWARD",
    "LARGE",
    "LIMIT",
    "MAX_BACKWARD",
    "PROTOCOL",
    "SMALL",
    "VECTORIZED",
    "expect_dtype",
    "expect_one_convention",
    "expect_response",
    "expect_response_unchanged",
    "inputs_of",
    "product_of",
]

FORWARD = (
    "max_pool_forward_naive",
    "avg_pool_forward_naive",
    "max_pool_forward_vectorized",
    "avg_pool_forward_vectorized",
)
BACKWARD = (
    "max_pool_backward_naive",
    "avg_pool_backward_naive",
    "max_pool_backward_vectorized",
    "avg_pool_backward_vectorized",
)
MAX_BACKWARD = ("max_pool_backward_naive", "max_pool_backward_vectorized")
VECTORIZED = (*FORWARD[2:], *BACKWARD[2:])

CONVENTIONS = ("max_pool_backward", "max_pool_backward_last", "max_pool_backward_shared")
"""Operators that differ only in which of several equal maxima gets the gradient: the first, the
last, or all of them in equal shares. The notebook names all three, and each is right."""

PROTOCOL = Protocol(
    {
        **{
            f"{kind}_pool_forward_{how}": Call(f"{kind}_pool_forward", ("out",), cache="returned")
            for how in ("naive", "vectorized")
            for kind in ("max", "avg")
        },
        **{
            f"{kind}_pool_backward_{how}": Call(
                f"{kind}_pool_backward", ("dx",), forward=f"{kind}_pool_forward_{how}"
            )
            for how in ("naive", "vectorized")
            for kind in ("max", "avg")
        },
        "shift_response": Call("shift_response"),
    }
)


def expect_response(submission: Submission, case: Case, lessons: Mapping[str, Lesson]) -> None:
    """Raise a :class:`Finding` unless ``shift_response`` gives the number of ``case``.

    The case names its layer; the worker has a function of that name.
    """
    given = replace(case, arguments={**case.arguments, "layer": Named(case.arguments["layer"])})
    PROTOCOL.expect_values(submission, "shift_response", given, lessons)


def expect_response_unchanged(submission: Submission, case: Case) -> None:
    """Raise a :class:`Finding` if ``shift_response`` changes its image."""
    name, image, shift = case.arguments.values()
    _, after = submission.call_and_look("shift_response", Named(name), image, shift)
    if len(after) != 3 or not np.array_equal(after[1], image):
        raise Finding(
            "shift_response changed its argument image. Work on a copy.",
            brief="It changed its argument image.",
        )


def expect_one_convention(
    submission: Submission, task: str, cases: Sequence[Case], lessons: Mapping[str, Lesson]
) -> None:
    """Raise a :class:`Finding` unless ``task`` gives the result of one of ``cases``.

    The cases have the same arguments, and the results of :data:`CONVENTIONS`. What a finding says
    is about the first of them.
    """
    problem: Finding | None = None
    for case in cases:
        try:
            PROTOCOL.expect_values(submission, task, case, lessons)
        except Finding as finding:
            problem = problem or finding
        else:
            return
    assert problem is not None
    if problem.verdict == "failed" and not problem.mistake:
        text = (
            "Several values of a window are its maximum here. Giving the gradient to the first, "
            "to the last, or to all of them in equal shares would each be right; this is none of "
            "the three. Compared with the first:"
        )
        problem.message = f"{text}\n{problem.message}"
    raise problem


def expect_dtype(submission: Submission, task: str, case: Case) -> None:
    """Raise a :class:`Finding` unless the result of ``task`` has the dtype of the expected one."""
    got = PROTOCOL.run(submission, task, case.arguments)
    (name,) = PROTOCOL[task].results
    if getattr(got, "dtype", None) != case.expected.dtype:
        text = (
            f"{name} must be {case.expected.dtype}, as x is, "
            f"but is {getattr(got, 'dtype', type(got).__name__)}."
        )
        call = values.describe_call(task, case.arguments)
        raise Finding(
            f"{call}\n{text}",
            brief=text,
            hint="np.zeros and its relatives make float64 unless you ask for another dtype.",
        )


LARGE: Mapping[str, int] = {"N": 2, "C": 16, "H": 65, "W": 65}
"""The sizes at which speed is measured, with windows of 3×3 that overlap by one pixel."""


SMALL: Mapping[str, int] = {"N": 6, "C": 6, "H": 6, "W": 6}
"""The sizes from which the count of steps may not grow. A short loop over six images shows beside
what a call of NumPy costs in Python."""

LIMIT = 10 * speed.LIMIT
"""How many yardsticks a task may take. Pooling is no matrix product: the yardstick copies all
windows once, while sensible code takes 1 to 46 times as long, by how NumPy walks through
windows of three numbers. The limit lies four times above the slowest of it. ``einsum`` without
``optimize``, where every output looks at its whole image, takes 290 to 450."""


def inputs_of(
    task: str, rng: np.random.Generator, window: tuple[int, int], stride: int
) -> Callable[[Mapping[str, int]], list[Any]]:
    """A function that makes the arguments of one call of ``task`` for sizes N, C, H and W."""

    def make(sizes: Mapping[str, int]) -> list[Any]:
        n, c, h, w = (sizes[name] for name in "NCHW")
        x = rng.standard_normal((n, c, h, w))
        param = {"pool_height": window[0], "pool_width": window[1], "stride": stride}
        if task in FORWARD:
            return [x, param]
        rows, columns = (h - window[0]) // stride + 1, (w - window[1]) // stride + 1
        return [rng.standard_normal((n, c, rows, columns)), (x, param)]

    return make


def product_of(sizes: Mapping[str, int], window: int, stride: int) -> tuple[int, int, int, int]:
    """The yardstick for windows of ``window × window``: copying all of them, and hardly more."""
    places = ((sizes["H"] - window) // stride + 1) * ((sizes["W"] - window) // stride + 1)
    return sizes["N"], 1, sizes["C"] * window * window, places
