"""Deciding whether a function is fast enough, so that noise cannot turn the verdict.

The yardstick is a fixed piece of work in the kit, the same for every function: five million
products of float64 numbers that NumPy adds up in its own loops, without BLAS, on arrays that stay
in a core's caches. A function's time in yardsticks hardly depends on how fast a machine's BLAS and
memory are, and on what runs beside it. Function and yardstick run alternately in two identical
workers on one core and one BLAS thread, the function with fresh arrays; the order swaps from pair
to pair; what counts is CPU time, by the kernel's account.

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

from ..language import say
from ..report import Finding
from ..settings import settings
from ..worker.host import Submission

__all__ = ["LIMIT", "Race", "Timing", "expect_fast", "race"]

LIMIT = 2.5
"""How many times the yardstick's CPU time a solution may take, where its suite says nothing else.
``benchmarks/vectorization.py`` prints where the variants that we keep lie."""

PART = 6.0
"""How many limits a function may take and still get :data:`CREDIT`, a share of the points. No
correct variant that we keep lies beyond one limit."""

CREDIT = 0.5

FEWEST, MOST = 3, 15

LOST = 0.25
"""Share of its usual time below which a yardstick's time is no measurement. On a virtual machine
with a busy host, the kernel takes the time that was stolen off the CPU time of whatever runs when
it learns of it: up to one reading in a hundred is almost nothing (``benchmarks/clock.py``)."""

LEAST, LEAST_YARDSTICK = 2e-5, 1e-4
"""Seconds that no function and no yardstick takes less than: the quickest right answers take five
times as long, and NumPy's loops make five million products in a tenth of a millisecond on no core.
What took less was not measured. Several readings in a row can be lost, so that nothing usual is
known yet."""

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

    ``limit`` counts yardsticks, ``sizes`` are those from which the suite makes arguments.
    ``product`` is the least work, a copy and a matrix product, that the picture of a race shows
    beside it: how many matrices, their rows, what is summed over, and columns.
    """

    limit: float
    sizes: Mapping[str, int]
    product: tuple[int, int, int, int]


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
    verify: Callable[[Sequence[Any], Any], None],
    limit: float = LIMIT,
) -> Race:
    """Time ``function`` against the yardstick until the verdict at ``limit`` is clear.

    ``arguments`` makes fresh arguments for one call. ``verify`` gets the arguments and the result
    of every timed call. What the worker spends on arguments and result counts as the call's beyond
    :data:`OUTSIDE` limits.
    """
    other = submission.companion()
    with submission.steady(other):
        return _race(submission, other, function, arguments, verify, limit)


def _race(
    submission: Submission,
    other: Submission,
    function: str,
    arguments: Callable[[], Sequence[Any]],
    verify: Callable[[Sequence[Any], Any], None],
    limit: float,
) -> Race:
    def yardstick() -> float:
        submission.rest()
        return other.time_yardstick()

    other.time_yardstick()  # makes its arrays
    ratios: list[float] = []
    beside: list[float] = []
    bases: list[float] = []
    while True:
        # A pair that says nothing is taken again, in the same order.
        swapped = len(ratios) % 2 == 1
        call = arguments()
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
        usual = max(LEAST_YARDSTICK, LOST * statistics.median_high(bases))
        lost = timed.seconds < LEAST or base < usual
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
    verify: Callable[[Sequence[Any], Any], None],
    limit: float = LIMIT,
) -> None:
    """Raise a :class:`Finding` if ``function`` takes clearly more than ``limit`` yardsticks.

    Within ``PART * limit`` it leaves :data:`CREDIT` of the points. A function that is saved by the
    margin passes, with a remark. A course may multiply ``limit`` in its ``course.toml``.
    """
    limit *= settings().slower(function)
    run = race(submission, function, arguments, verify, limit)
    if run.is_close(limit):
        raise Finding(
            say(
                "{function} is about as slow as it may be, {limit:g} yardsticks, and no "
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
        "{function} is too slow: it takes more than {limit:g} times the CPU time of the "
        "yardstick, five million products that NumPy adds up in its own loops.",
        function=function,
        limit=limit,
    )
    if partly:
        credit = say(
            "Within {limit:g} it still gets {credit:.0%} of this check's points.",
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
