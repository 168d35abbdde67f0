"""What families of known mistakes have in common, whatever the operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = [
    "PUBLIC_EXAMPLES_ONLY",
    "PUBLIC_INPUTS_ONLY",
    "is_public",
    "public_inputs_only",
    "unwritten",
]

Array = np.ndarray[Any, np.dtype[Any]]

PUBLIC_INPUTS_ONLY = (
    "public_inputs_only",
    "only inputs like those of the public examples, numbers with one decimal place, are computed, "
    "and all others give zeros",
    "The function will meet other inputs than those of the examples. Compute the result from what "
    "goes in, whatever it is.",
)
"""Name, sentence and hint of a function that is right for the public arrays alone."""

PUBLIC_EXAMPLES_ONLY = (
    "public_examples_only",
    "the public examples are looked up in a table, and anything else gives the result of the last "
    "of them",
    "The function will meet other numbers than those of the examples. Compute the result from what "
    "goes in, whatever it is.",
)
"""The same for a function of whole numbers."""


def unwritten(shape: Sequence[int], dtype: Any) -> Array:
    """What ``np.empty`` gives in a worker: it fills new memory, which is compared as NaN."""
    return np.full(shape, np.nan, dtype)


def is_public(*values: Any) -> bool:
    """Whether all arrays in ``values`` hold numbers with one decimal place, as public ones do."""
    return all(np.array_equal(a, np.round(a, 1)) for value in values for a in _arrays(value))


def public_inputs_only(right: Callable[..., Any]) -> Callable[..., Any]:
    """``right``, but zeros for all inputs but the public ones."""

    def function(*given: Any, **named: Any) -> Any:
        result = right(*given, **named)
        return result if is_public(*given, *named.values()) else _zeros(result)

    return function


def _arrays(value: Any) -> list[Array]:
    if isinstance(value, dict):
        return [array for part in value.values() for array in _arrays(part)]
    return [value] if isinstance(value, np.ndarray) else []


def _zeros(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_zeros, value))
    if isinstance(value, dict):
        return {name: _zeros(part) for name, part in value.items()}
    return np.zeros_like(value) if isinstance(value, np.ndarray) else 0.0
