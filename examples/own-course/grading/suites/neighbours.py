"""How the tasks of the assignment ``neighbours`` are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.suites.calling import Call, Protocol

__all__ = ["DISTANCES", "PROTOCOL", "SMALL", "TASKS", "arguments_of"]

DISTANCES = ("distances_naive", "distances_vectorized")
TASKS = (*DISTANCES, "nearest_labels")

PROTOCOL = Protocol(
    "neighbours",
    {
        **{task: Call("distances", ("the distances",)) for task in DISTANCES},
        "nearest_labels": Call("nearest_labels", ("the labels",)),
    },
)

SMALL: Mapping[str, int] = {"N": 6, "M": 6, "D": 6}
"""The sizes from which the count of steps may not grow."""


def arguments_of(task: str, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Random arguments of the operator of ``task``, by name, for sizes N, M, D and k."""
    n, m = sizes["N"], sizes["M"]
    if task in DISTANCES:
        shapes = {"a": (n, sizes["D"]), "b": (m, sizes["D"])}
        return {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    return {
        # In every row another order of the same numbers: no two of them are equal.
        "distances": rng.permuted(np.tile(np.arange(1.0, m + 1), (n, 1)), axis=1),
        "labels": rng.integers(0, 3, size=m),
        "k": sizes["k"],
    }
