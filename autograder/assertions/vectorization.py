"""Deciding exactly, without a clock, whether a function loops in Python over what it must not.

The function is run with opcode tracing at a small size and again with one dimension eight times as
large. A loop over that dimension runs its body eight times as often; a call into NumPy does not
care. Loops that C runs for a Python function (``map``) are counted too, and what cannot be counted
is refused by name (``worker.shortcuts``). The growth of the count is a whole-number effect, the
same on every machine and every run. ``benchmarks/vectorization.py`` prints the growth of every
variant that we keep: at most 1.4 for loop-free code and loops over the kernel window, at least 3.7
for a loop over one dimension.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..report import Finding
from ..worker.host import Submission, Traced
from ..worker.shortcuts import SHORTCUTS

__all__ = ["FACTOR", "LIMIT", "expect_vectorized", "growth"]

FACTOR = 8
LIMIT = 2.0
BUDGET = 2_000_000


def growth(
    submission: Submission,
    function: str,
    arguments: Callable[[Mapping[str, int]], Sequence[Any]],
    base: Mapping[str, int],
    dimension: Sequence[str],
) -> tuple[float, Traced]:
    """How many times more opcodes ``function`` executes when ``dimension`` is eight times as large.

    ``arguments`` makes the call's arguments for given sizes; ``dimension`` names the sizes
    that grow together. Returns the growth and the trace of the larger call.
    """
    small = submission.trace(function, *arguments(base), budget=BUDGET)
    larger = {name: size * (FACTOR if name in dimension else 1) for name, size in base.items()}
    large = submission.trace(function, *arguments(larger), budget=BUDGET)
    for traced in (small, large):
        if traced.disturbed:
            raise Finding(
                f"{function} switches tracing off, so its steps cannot be counted. "
                "Remove the call of sys.settrace."
            )
        if traced.shortcuts:
            uses = ", and ".join(SHORTCUTS[name] for name in traced.shortcuts)
            raise Finding(
                f"{function} uses {uses}. That is a loop over elements whose steps cannot be "
                "counted, so it is not accepted here.",
                hint="NumPy's own functions on whole arrays do the same without a loop.",
            )
    if small.spent:
        raise Finding(f"{function} runs more than {BUDGET:,} steps for a tiny input.")
    return large.opcodes / max(small.opcodes, 1), large


def expect_vectorized(
    submission: Submission,
    function: str,
    arguments: Callable[[Mapping[str, int]], Sequence[Any]],
    base: Mapping[str, int],
    dimensions: Mapping[str, Sequence[str]],
) -> None:
    """Raise a :class:`Finding` if ``function`` loops over one of ``dimensions``.

    ``dimensions`` maps a plural noun for messages ("images") to the sizes that grow for it; for
    pixels, both height and width do.
    """
    for noun, dimension in dimensions.items():
        grown, traced = growth(submission, function, arguments, base, dimension)
        if not grown <= LIMIT:
            lines = "\n".join(
                f"    line {line} ran {count:,} times; a vectorized version runs it once: {text}"
                for text, line, count in traced.lines[:3]
                if count > 1
            )
            times = FACTOR ** len(dimension)
            raise Finding(
                f"{function} loops over {noun} in Python: with {times} times as many {noun} "
                f"it executes {grown:.1f} times as many steps.\n"
                f"Its busiest lines:\n{lines}".rstrip(),
                brief=f"{function} loops over {noun} in Python.",
                hint="Let one NumPy call work on the whole axis: sliding_window_view, tensordot, "
                "matmul and einsum each replace several loops. A loop over the kernel window may "
                "stay.",
            )
