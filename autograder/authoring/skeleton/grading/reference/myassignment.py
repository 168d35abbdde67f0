"""Trusted operators of the assignment ``myassignment``.

Each takes its arguments by name and gives all its results. What is to be refused raises
``ValueError``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["OPERATORS", "myassignment"]

Array = np.ndarray[Any, np.dtype[Any]]


def myassignment(x: Array) -> Array:
    """The mean of each row of ``x``, of shape ``(N, D)``; shape ``(N,)``."""
    return np.asarray(x.mean(axis=1))


OPERATORS = {"myassignment": myassignment}
