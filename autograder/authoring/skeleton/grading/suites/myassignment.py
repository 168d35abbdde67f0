"""How the tasks of the assignment ``myassignment`` are called.

Students get this file, so nothing in it may give an answer away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.suites.calling import Call, Protocol

__all__ = ["PROTOCOL", "SMALL", "TASKS", "VECTORIZED", "arguments_of"]

# Both tasks implement one operator of the reference.
PROTOCOL = Protocol(
    "myassignment",
    {
        "myassignment_naive": Call("myassignment", ("the means",)),
        "myassignment_vectorized": Call("myassignment", ("the means",)),
    },
)

TASKS = ("myassignment_naive", "myassignment_vectorized")
VECTORIZED = ("myassignment_vectorized",)

SMALL: Mapping[str, int] = {"N": 8, "D": 8}
"""The sizes from which the count of steps may not grow."""


def arguments_of(task: str, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Random arguments of the operator of ``task``, by name."""
    return {"x": rng.standard_normal((sizes["N"], sizes["D"]))}
