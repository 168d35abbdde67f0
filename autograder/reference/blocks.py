"""How much of a large array to work on at a time, and in which order.

An operator that goes over a whole batch in one NumPy call after another reads it from memory again
with every call, and needs several temporary arrays of its size. One that takes a block which fits
into a core's own cache through all of its steps reads memory once, and its temporary arrays are as
small as the block. Blocks change which values are worked on together, never a result but for the
rounding of sums that run over several of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["NUMBERS", "blocks", "images", "sets"]

Array = np.ndarray[Any, np.dtype[Any]]

NUMBERS = 1 << 16
"""Numbers in a block: 256 KiB in ``float32``, a fraction of a core's second cache of 1 or 2 MiB, so
that some arrays of this size have room side by side."""


def blocks(total: int, size: int) -> list[slice]:
    """Slices that cover ``range(total)`` in order, ``size`` long but for the last one."""
    return [slice(start, min(start + size, total)) for start in range(0, total, size)]


def images(x: Array) -> list[slice]:
    """Blocks of the batch, axis 0 of ``x``, of about :data:`NUMBERS` values, one image at least."""
    return blocks(len(x), _count(x))


def sets(x: Array, parameter: Array) -> Iterator[tuple[slice, slice]]:
    """Blocks of axis 0 of ``x``, and with each where along axis 0 of ``parameter`` its values are.

    ``parameter`` has as many axes as ``x``, and along axis 0 one value for each of ``x``, or one
    for all of them.
    """
    for block in blocks(len(x), _count(x)):
        yield block, block if len(parameter) > 1 else slice(None)


def _count(x: Array) -> int:
    """How many entries of axis 0 make a block."""
    return max(1, NUMBERS * len(x) // max(1, x.size))
