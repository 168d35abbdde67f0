"""Deciding whether a function is fast enough, so that noise cannot turn the verdict.

The yardstick is a fixed piece of work in the kit: a copy and one batched matrix product of the
sizes that im2col needs. It gives no answer away and is as steady as a good solution. Function and
yardstick run alternately in two identical workers on one BLAS thread, each with fresh arrays; the
order swaps from pair to pair; what counts is CPU time, by the kernel's account.

Two borders make three bands: full points within the limit, a part of them within ``PART`` times as
much, none beyond. The verdict falls as soon as every pair lies clearly in one band. Where they do
not, the median of many decides, with a margin for the student; and where only the margin saves it,
the report says so. ``benchmarks/speed.py`` measures how often this goes wrong.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..language import say
from ..report import Finding
from ..settings import settings
from ..worker.host import Submission

__all__ = ["LIMIT", "Race", "Timing", "expect_fast", "race"]

LIMIT = 8.0
"""How many times the yardstick's CPU time a solution may take. ``benchmarks/vectorization.py``
prints where the variants that we keep lie, for convolution's forward pass: sensible loop-free code
between 1.3 and 5, an einsum without ``optimize`` between 12 and 15. On one machine, both were half
as much again on other days (7, and 18 to 30), so that the limit lies between the two on either. A
suite multiplies it where a task needs more than such a product."""

PART = 5.0
"""How many limits a function may take and still get :data:`CREDIT`, a share of the points. No
correct variant that we keep lies beyond one limit, and what is loop-free and slow lies between the
two borders on any day: from 1.5 to 3.8 limits."""

CREDIT = 0.5

FEWEST, MOST = 3, 15

LOST = 0.25
"""Share of its usual time below which a yardstick's time is no measurement. On a virtual machine
with a busy host, the kernel takes the time that was stolen off the CPU time of whatever runs when
it learns of it: up to one reading in a hundred is almost nothing (``benchmarks/clock.py``)."""

FASTEST = 1e11
"""Bytes a second that no core fills. What would have filled the yardstick's columns faster was not
measured, be it yardstick or function: several readings in a row can be lost, so that nothing usual
is known yet. The quickest right answers take ten times as long at least."""

OUTSIDE = 0.4
"""Share of a limit that a worker may spend while arguments go in and the result comes out. More is
counted as the call's: some work before or after it, when they think that no clock runs. The copies
that an honest worker makes of these arrays take a quarter at most (``benchmarks/vectorization.py``
prints it)."""

MARGIN = 1.2
"""Medians of a few pairs moved by up to 20 % with the load of the machine."""

CLEAR = 1.5
"""How far every pair must be from a border for a quick verdict. A single pair of a function that
takes 1.5 limits comes out below the limit now and then; three in a row below two thirds of it do
not."""

FAR = 2.5
"""How far within a limit two pairs must be to be enough. Most right answers are, and save the third
pair. One reading in a hundred is almost nothing (see :data:`LOST`), two in a row are not."""

HOPELESS = 2.0
"""How far beyond the last border all but the first of :data:`FEWEST` pairs must be to be enough.
Loops over pixels are, and a call of theirs takes half a second."""


@dataclass(frozen=True)
class Timing:
    """How fast a task must be, and at what it is timed.

    ``limit`` counts yardsticks, ``product`` is the yardstick's (see :func:`race`), ``sizes`` are
    those from which the suite makes arguments.
    """

    limit: float
    product: tuple[int, int, int, int]
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class Race:
    """Ratios of CPU time, function to yardstick, one for each pair.

    ``outside`` is what the worker spent on arguments and result of each pair, in yardsticks.
    """

    ratios: tuple[float, ...]
    outside: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle ratio of both orders.

        Who comes second in a pair finds its caches full of the other's data; on a busy machine that
        moves a ratio by a half. So two pairs, one in each order, count as one, by their geometric
        mean. The first pair is left out: it pays for a fresh heap.
        """
        later = self.ratios[1:]
        both = [math.sqrt(a * b) for a, b in zip(later[::2], later[1::2], strict=False)]
        return statistics.median(both or self.ratios)

    def exceeds(self, limit: float) -> bool:
        """Whether the function takes clearly more than ``limit`` yardsticks."""
        return self.median > MARGIN * limit

    def is_close(self, limit: float) -> bool:
        """Whether it does not, but only for the margin."""
        return limit < self.median <= MARGIN * limit


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
    with it, in float64. ``verify`` gets the arguments and the result of every timed call. What the
    worker spends on arguments and result counts as the call's beyond :data:`OUTSIDE` limits.
    """
    other = submission.companion()
    batch, rows, inner, columns = product
    least = 8 * batch * inner * columns / FASTEST
    rng = np.random.default_rng(0)
    left = other.put(rng.standard_normal((rows, inner)))
    ratios: list[float] = []
    beside: list[float] = []
    bases: list[float] = []
    while True:
        # A pair that says nothing is taken again, in the same order.
        swapped = len(ratios) % 2 == 1
        call = arguments()
        source = other.put(rng.standard_normal((batch, max(1, inner * columns // 8))))

        def yardstick(source: Any = source) -> float:
            submission.rest()
            timed = other.time_yardstick(source=source.number, left=left.number, columns=columns)
            other.drop(timed.handle, source)
            return timed.seconds

        # The readings follow each other closely, so that no thread works in between unnoticed.
        before = submission.spent()
        handles = [submission.put(value) for value in call]
        outside = submission.spent() - before
        base = yardstick() if swapped else 0.0
        before = submission.spent()
        timed = submission.time(function, *handles)
        result = submission.get(timed.handle)
        outside += submission.spent() - before - timed.seconds
        submission.drop(timed.handle, *handles)
        verify(call, result)
        base = base if swapped else yardstick()
        bases.append(base)
        lost = min(base, timed.seconds) < least or base < LOST * statistics.median_high(bases)
        if lost and len(bases) <= MOST:
            continue
        base = max(base, 1e-6)
        beside.append(outside / base)
        ratios.append(timed.seconds / base + max(0.0, outside / base - OUTSIDE * limit))
        if _clear(ratios, limit):
            return Race(tuple(ratios), tuple(beside))


def _clear(ratios: Sequence[float], limit: float) -> bool:
    """Whether more pairs could not change the band."""
    if len(ratios) > 1 and max(ratios) <= limit / FAR:
        return True
    if len(ratios) < FEWEST:
        return False
    later = ratios[1:]
    low, high = min(later), max(later)
    if high <= limit / CLEAR or low > HOPELESS * PART * limit:
        return True
    if len(ratios) < FEWEST + 2:
        return False
    between = low > CLEAR * limit and high <= PART * limit / CLEAR
    return between or low > CLEAR * PART * limit or len(ratios) >= MOST


def expect_fast(
    submission: Submission,
    function: str,
    arguments: Callable[[], Sequence[Any]],
    product: tuple[int, int, int, int],
    verify: Callable[[Sequence[Any], Any], None],
    limit: float = LIMIT,
) -> None:
    """Raise a :class:`Finding` if ``function`` takes clearly more than ``limit`` yardsticks.

    Within ``PART * limit`` it leaves :data:`CREDIT` of the points. A function that is saved by the
    margin passes, with a remark. A course may multiply ``limit`` in its ``course.toml``.
    """
    limit *= settings().slower(function)
    run = race(submission, function, arguments, product, verify, limit)
    if run.is_close(limit):
        raise Finding(
            say(
                "{function} is about as slow as it may be, {limit:.0f} yardsticks, and no "
                "measurement could tell on which side it lies. This is decided in your favour.",
                function=function,
                limit=limit,
            ),
            verdict="passed",
            yardsticks=run.median,
        )
    if not run.exceeds(limit):
        return
    partly = not run.exceeds(PART * limit)
    slow = say(
        "{function} is too slow: it takes more than {limit:.0f} times the CPU time of the "
        "yardstick, one copy and one matrix product of this size.",
        function=function,
        limit=limit,
    )
    if partly:
        credit = say(
            "Within {limit:.0f} it still gets {credit:.0%} of this check's points.",
            limit=PART * limit,
            credit=CREDIT,
        )
        slow = f"{slow} {credit}"
    raise Finding(
        slow,
        hint=say(
            "Is there one large matrix product at its heart, or many small steps? "
            "np.einsum without optimize=True multiplies element by element."
        ),
        credit=CREDIT if partly else 0.0,
        yardsticks=run.median,
    )
