"""Known mistakes of ``myassignment``: wrong implementations that students really write.

Each computes what a student's code with that one mistake returns. The suites must reject every one
of them, and a result that equals one of theirs is explained by its sentence.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.mistakes import Register

__all__ = ["MISTAKES"]

Array = np.ndarray[Any, np.dtype[Any]]

_mistake = Register()


@_mistake(
    "myassignment",
    "columns",
    "the mean is taken of each column instead of each row",
    "Which axis has to go away, so that one number for each row is left?",
)
def _columns(x: Array) -> Array:
    return np.asarray(x.mean(axis=0))


@_mistake(
    "myassignment",
    "sum",
    "the values of a row are added up, but not divided by their number",
    "What should the mean of a row be in which all values are 5?",
)
def _sum(x: Array) -> Array:
    return np.asarray(x.sum(axis=1))


@_mistake(
    "myassignment",
    "one_less",
    "the sum of a row is divided by one less than the number of its values",
    "By how much do you divide the sum of a row with four values?",
)
def _one_less(x: Array) -> Array:
    return np.asarray(x.sum(axis=1) / max(1, x.shape[1] - 1))


@_mistake(
    "myassignment",
    "divided_in_place",
    "the values of x are divided where they are, in the array that was handed in",
    "Operators like /= change the caller's array. Who else still needs it?",
    changes_arguments=True,
)
def _divided_in_place(x: Array) -> Array:
    out = np.asarray(x.mean(axis=1))
    x /= x.shape[1]
    return out


MISTAKES = tuple(_mistake.found)
