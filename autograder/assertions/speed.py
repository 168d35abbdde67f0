"""Deciding whether a function is fast enough, so that noise cannot turn the verdict.

The yardstick is a fixed piece of work in the kit: a copy and one batched matrix product of the
sizes that im2col needs. It gives no answer away and is as steady as a good solution. Function and
yardstick run alternately in two identical workers on one BLAS thread, each with fresh arrays; the
order swaps from pair to pair; what counts is CPU time, by the kernel's account. The verdict falls
as soon as all pairs agree. Where they do not, the median of many decides, with a margin for the
student.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..report import Finding
from ..worker.host import Submission

__all__ = ["LIMIT", "Race", "expect_fast", "race"]

LIMIT = 20.0
"""How many times the yardstick's CPU time a solution may take. ``benchmarks/vectorization.py``
prints where the variants that we keep lie: sensible loop-free code between 1.5 and 7, an einsum
without ``optimize`` beyond 30. A suite may multiply it where a task needs several such products."""

FEWEST, MOST = 3, 15

MARGIN = 1.2
"""Medians of a few pairs moved by up to 20 % with the load of the machine."""


@dataclass(frozen=True)
class Race:
    """Ratios of CPU time, function to yardstick, one for each pair."""

    ratios: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle ratio, without the first: it pays for cold caches and a fresh heap."""
        return statistics.median(self.ratios[1:] or self.ratios)

    def exceeds(self, limit: float) -> bool:
        """Whether the function is too slow: in every pair, or clearly in the median of many."""
        later = self.ratios[1:]
        return min(later) > limit or (len(self.ratios) >= MOST and self.median > MARGIN * limit)


def race(
    submission: Submission,
    function: str,
    arguments: Callable[[], Sequence[Any]],
    product: tuple[int, int, int, int],
    verify: Callable[[Sequence[Any], Any], None],
    limit: float = LIMIT,
) -> Race:
    """Time ``function`` against the yardstick until the verdict at ``limit`` is clear.

    ``arguments`` makes fresh arguments for one call. ``product`` is ``(batch, rows, inner,
    columns)``: the yardstick fills ``(batch, inner, columns)`` and multiplies ``(rows, inner)``
    with it, in float64. ``verify`` gets the arguments and the result of every timed call.
    """
    other = submission.companion()
    batch, rows, inner, columns = product
    rng = np.random.default_rng(0)
    left = other.put(rng.standard_normal((rows, inner)))
    ratios: list[float] = []
    while True:
        swapped = len(ratios) % 2 == 1
        call = arguments()
        handles = [submission.put(value) for value in call]
        source = other.put(rng.standard_normal((batch, max(1, inner * columns // 8))))

        def yardstick(source: Any = source) -> float:
            submission.rest()
            timed = other.time_yardstick(source=source.number, left=left.number, columns=columns)
            other.drop(timed.handle, source)
            return timed.seconds

        base = yardstick() if swapped else 0.0
        timed = submission.time(function, *handles)
        result = submission.get(timed.handle)
        submission.drop(timed.handle, *handles)
        verify(call, result)
        base = base if swapped else yardstick()
        ratios.append(timed.seconds / max(base, 1e-6))
        if _clear(ratios, limit):
            return Race(tuple(ratios))


def _clear(ratios: Sequence[float], limit: float) -> bool:
    later = ratios[1:]
    if len(ratios) < FEWEST:
        return False
    if all(ratio <= limit for ratio in later):
        return True
    if len(ratios) >= FEWEST + 2 and all(ratio > limit for ratio in later):
        return True
    return len(ratios) >= MOST


def expect_fast(
    submission: Submission,
    function: str,
    arguments: Callable[[], Sequence[Any]],
    product: tuple[int, int, int, int],
    verify: Callable[[Sequence[Any], Any], None],
    limit: float = LIMIT,
) -> None:
    """Raise a :class:`Finding` if ``function`` takes clearly more than ``limit`` yardsticks."""
    run = race(submission, function, arguments, product, verify, limit)
    if run.exceeds(limit):
        raise Finding(
            f"{function} is too slow: it takes more than {limit:.0f} times the CPU time of the "
            "yardstick, one copy and one matrix product of this size.",
            hint="Is there one large matrix product at its heart, or many small steps? "
            "np.einsum without optimize=True multiplies element by element.",
            yardsticks=run.median,
        )
