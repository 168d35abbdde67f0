"""How the tasks of the pooling assignment are called, and what both of its suites ask of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..assertions import speed
from ..language import say
from ..report import Finding
from ..vectors import Case
from ..worker.host import Submission
from .calling import Call, Protocol

__all__ = [
    "BACKWARD",
    "CONVENTIONS",
    "COUNTED",
    "FORWARD",
    "LARGE",
    "MAX_BACKWARD",
    "PROTOCOL",
    "TIMINGS",
    "VECTORIZED",
    "arguments_of",
    "expect_one_convention",
    "growing",
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
    "pooling",
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
        "shift_response": Call("shift_response", named=("layer",)),
    },
)


def expect_one_convention(submission: Submission, task: str, cases: Sequence[Case]) -> None:
    """Raise a :class:`Finding` unless ``task`` gives the result of one of ``cases``.

    The cases have the same arguments, and the results of :data:`CONVENTIONS`. What a finding says
    is about the first of them.
    """
    problem: Finding | None = None
    for case in cases:
        try:
            PROTOCOL.expect_values(submission, task, case)
        except Finding as finding:
            problem = problem or finding
        else:
            return
    assert problem is not None
    if problem.verdict == "failed" and not problem.mistake:
        text = say(
            "Several values of a window are its maximum here. Giving the gradient to the first, "
            "to the last, or to all of them in equal shares would each be right; this is none of "
            "the three. Compared with the first:"
        )
        problem.message = f"{text}\n{problem.message}"
    raise problem


LARGE: Mapping[str, int] = {"N": 2, "C": 16, "H": 65, "W": 65}
"""The sizes at which speed is measured, with windows of 3×3 that overlap by one pixel."""

_PLACES = ((LARGE["H"] - 3) // 2 + 1) * ((LARGE["W"] - 3) // 2 + 1)

# Right answers take 0.1 to 6.5 yardsticks, by how NumPy walks through windows of three numbers. An
# einsum without optimize, where every output looks at its whole image, takes 80.
_LIMIT = 8 * speed.LIMIT

TIMINGS = {
    task: speed.Timing(_LIMIT, LARGE, (LARGE["N"], 1, LARGE["C"] * 9, _PLACES))
    for task in VECTORIZED
}


COUNTED = (((2, 2), 2), ((3, 2), 1))
"""Windows and strides with which steps are counted: apart from each other, and overlapping."""


def growing(task: str) -> tuple[Mapping[str, int], Mapping[str, str]]:
    """The sizes at which steps of ``task`` are counted, and which of them grow, by name.

    A short loop over six images shows beside what a call of NumPy costs in Python.
    """
    sizes = {"N": 6, "C": 6, "H": 6, "W": 6}
    return sizes, {"images": "N", "channels": "C", "pixels": "HW"}


def arguments_of(
    task: str,
    rng: np.random.Generator,
    sizes: Mapping[str, int],
    window: tuple[int, int] = (3, 3),
    stride: int = 2,
) -> dict[str, Any]:
    """Random arguments of the operator of ``task``, by name, for sizes N, C, H and W."""
    n, c, h, w = (sizes[name] for name in "NCHW")
    rows, columns = (h - window[0]) // stride + 1, (w - window[1]) // stride + 1
    arguments = {"dout": rng.standard_normal((n, c, rows, columns))} if task in BACKWARD else {}
    return {
        **arguments,
        "x": rng.standard_normal((n, c, h, w)),
        "pool_param": {"pool_height": window[0], "pool_width": window[1], "stride": stride},
    }
