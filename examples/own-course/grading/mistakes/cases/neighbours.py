"""Public inputs of ``neighbours``: small numbers with one decimal place.

Groups of ``distances``: ``basic``, ``shapes`` (one sample each, more of ``a`` than of ``b``).
Of ``nearest_labels``: ``basic``, ``ties`` (several labels have most votes).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.mistakes.cases import Entry, rounded

__all__ = ["entries"]


def entries() -> Iterator[Entry]:
    """Operator, label and arguments of every public case."""
    rng = np.random.default_rng(1)
    for group, n, m, d in (
        ("basic", 1, 2, 2),
        ("basic", 2, 3, 2),
        ("basic", 3, 3, 4),
        ("shapes", 1, 1, 3),
        ("shapes", 4, 2, 1),
        ("shapes", 2, 5, 3),
    ):
        samples = {"a": rounded(rng, (n, d)), "b": rounded(rng, (m, d))}
        yield "distances", f"{group}: {n}x{d}, {m}x{d}", samples
    for group, rows, labels, k in (
        ("basic", [[0.5, 0.1, 0.9]], [1, 0, 1], 1),
        ("basic", [[0.5, 0.1, 0.9], [0.3, 0.8, 0.2]], [1, 0, 1], 3),
        ("basic", [[0.4, 0.1, 0.9, 0.2, 0.7]], [0, 2, 2, 1, 2], 4),
        ("basic", [[0.9, 0.8, 0.5, 0.6, 0.7, 0.1, 0.2]], [0, 0, 1, 1, 1, 2, 2], 2),
        ("ties", [[0.1, 0.2, 0.3, 0.4]], [2, 1, 2, 1], 4),
        ("ties", [[0.1, 0.4, 0.3, 0.2]], [3, 0, 1, 2], 4),
    ):
        arguments = {"distances": np.array(rows), "labels": np.array(labels), "k": k}
        yield "nearest_labels", f"{group}: {len(rows)}x{len(labels)}, {k}", arguments
