"""Deciding exactly, without a clock, whether a function loops in Python over what it must not.

The function is run with opcode tracing at a small size and again with one dimension four times as
large. A loop over that dimension runs its body four times as often; a call into NumPy does not
care. The growth of the count is a whole-number effect, the same on every machine and every run.
Loop-free code and loops over the kernel window stay below 1.2 here, a loop over one dimension gets
beyond 2.5 (``benchmarks/vectorization.py`` prints both); the limit lies between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..report import Finding
from ..worker.host import Submission, Traced

__all__ = ["FACTOR", "LIMIT", "expect_vectorized", "growth"]

FACTOR = 4
LIMIT = 2.0
BUDGET = 2_000_000


def growth(
    submission: Submission,
    function: str,
    arguments: Callable[[Mapping[str, int]], Sequence[Any]],
    base: Mapping[str, int],
    dimension: Sequence[str],
) -> tuple[float, Traced]:
    """How many times more opcodes ``function`` executes when ``dimension`` is four times as large.

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

    ``dimensions`` maps a plural noun for messages ("images") to the sizes that grow for it.
    """
    for noun, dimension in dimensions.items():
        grown, traced = growth(submission, function, arguments, base, dimension)
        if not grown <= LIMIT:
            lines = "\n".join(
                f"    line {line} ran {count:,} times: {text}"
                for text, line, count in traced.lines[:3]
            )
            raise Finding(
                f"{function} loops over {noun} in Python: with {FACTOR} times as many {noun} it "
                f"executes {grown:.1f} times as many steps.\nIts busiest lines:\n{lines}".rstrip(),
                brief=f"{function} loops over {noun} in Python.",
                hint="Let one NumPy call work on the whole axis: sliding_window_view, tensordot, "
                "matmul and einsum each replace several loops. A loop over the kernel window may "
                "stay.",
            )
