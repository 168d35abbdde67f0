"""The inputs of the public checks, by assignment: the arguments only, never a result.

Every module has ``entries()``, which yields ``(operator, "<group>: <what it is>", arguments)``.
Inputs are small and fixed, so that a student can follow them by hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import rooms

__all__ = ["Entry", "rounded"]

__path__ = rooms.extended(__path__, "mistakes/cases")

Entry = tuple[str, str, dict[str, Any]]


def rounded(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Numbers with one decimal place from −3 to 3, none of them zero: ``float64`` of ``shape``."""
    values = rng.integers(1, 31, size=shape) / 10
    return values * rng.choice([-1.0, 1.0], size=shape)
