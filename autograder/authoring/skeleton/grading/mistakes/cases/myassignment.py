"""Public inputs of ``myassignment``: small numbers with one decimal place.

Groups: ``basic``, ``shapes`` (single rows and columns, tables that are not square).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.mistakes.cases import Entry, rounded

__all__ = ["entries"]


def entries() -> Iterator[Entry]:
    """Operator, label and arguments of every public case."""
    rng = np.random.default_rng(1)
    for group, rows, columns in (
        ("basic", 2, 3),
        ("basic", 3, 3),
        ("shapes", 1, 4),
        ("shapes", 4, 1),
        ("shapes", 5, 2),
    ):
        yield "myassignment", f"{group}: {rows}x{columns}", {"x": rounded(rng, (rows, columns))}
