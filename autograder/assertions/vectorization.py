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

from ..language import say, term
from ..report import Finding
from ..worker.host import Submission, Traced
from ..worker.shortcuts import SHORTCUTS

__all__ = ["FACTOR", "LIMIT", "expect_vectorized", "growth"]

FACTOR = 8
LIMIT = 2.0
BUDGET = 2_000_000

MOST_GROWTH = 16
"""Counting ends where a call executes so many times as many steps as the small one: a loop over one
dimension is counted to its end, and one over pixels is known for what it is by then."""

NOUNS = (
    term("images"),
    term("channels"),
    term("filters"),
    term("pixels"),
    term("samples"),
    term("features"),
    term("groups"),
    term("rows"),
    term("columns"),
)
"""What the kit's suites say that a function loops over."""


def growth(
    submission: Submission,
    function: str,
    arguments: Callable[[Mapping[str, int]], Sequence[Any]],
    base: Mapping[str, int],
    dimension: Sequence[str],
    small: Traced | None = None,
) -> tuple[float, Traced]:
    """How many times more opcodes ``function`` executes when ``dimension`` is eight times as large.

    ``arguments`` makes the call's arguments for given sizes; ``dimension`` names the sizes
    that grow together. ``small`` is the trace of a call at the sizes ``base``, where there is one.
    Returns the growth, :data:`MOST_GROWTH` at most, and the trace of the larger call.
    """
    small = small or _small(submission, function, arguments, base)
    larger = {name: size * (FACTOR if name in dimension else 1) for name, size in base.items()}
    steps = max(small.opcodes, 1)
    large = _trace(submission, function, arguments, larger, min(BUDGET, MOST_GROWTH * steps))
    return large.opcodes / steps, large


def _trace(
    submission: Submission,
    function: str,
    arguments: Callable[[Mapping[str, int]], Sequence[Any]],
    sizes: Mapping[str, int],
    budget: int = BUDGET,
) -> Traced:
    """Count a call's steps, up to ``budget``; raises :class:`Finding` where that is impossible."""
    traced = submission.trace(function, *arguments(sizes), budget=budget)
    if traced.disturbed:
        raise Finding(
            say(
                "{function} switches tracing off, so its steps cannot be counted. "
                "Remove the call of sys.settrace.",
                function=function,
            )
        )
    if traced.shortcuts:
        uses = say(SHORTCUTS[traced.shortcuts[0]])
        for name in traced.shortcuts[1:]:
            uses = say("{one}, and {other}", one=uses, other=say(SHORTCUTS[name]))
        raise Finding(
            say(
                "{function} uses {uses}. That is a loop over elements whose steps cannot be "
                "counted, so it is not accepted here.",
                function=function,
                uses=uses,
            ),
            hint=say("NumPy's own functions on whole arrays do the same without a loop."),
        )
    return traced


def _small(
    submission: Submission,
    function: str,
    arguments: Callable[[Mapping[str, int]], Sequence[Any]],
    base: Mapping[str, int],
) -> Traced:
    """The trace that larger ones are compared with."""
    traced = _trace(submission, function, arguments, base)
    if traced.spent:
        raise Finding(
            say(
                "{function} runs more than {steps:,} steps for a tiny input.",
                function=function,
                steps=BUDGET,
            )
        )
    return traced


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
    small = _small(submission, function, arguments, base)
    for noun, dimension in dimensions.items():
        grown, traced = growth(submission, function, arguments, base, dimension, small)
        if not grown <= LIMIT:
            lines = "\n".join(
                "    "
                + say(
                    "line {line} ran {count:,} times; a vectorized version runs it once: {text}",
                    line=line,
                    count=count,
                    text=text,
                )
                for text, line, count in traced.lines[:3]
                if count > 1
            )
            loops = {"function": function, "noun": say(noun)}
            numbers = {**loops, "times": FACTOR ** len(dimension), "grown": grown}
            if traced.spent:
                steps = say(
                    "{function} loops over {noun} in Python: with {times} times as many {noun} "
                    "it executes more than {grown:.0f} times as many steps.",
                    **numbers,
                )
                busiest = say("Its busiest lines, until it was stopped:")
            else:
                steps = say(
                    "{function} loops over {noun} in Python: with {times} times as many {noun} "
                    "it executes {grown:.1f} times as many steps.",
                    **numbers,
                )
                busiest = say("Its busiest lines:")
            raise Finding(
                f"{steps}\n{busiest}\n{lines}".rstrip(),
                brief=say("{function} loops over {noun} in Python.", **loops),
                hint=say(
                    "Let one NumPy call work on the whole axis: sliding_window_view, tensordot, "
                    "matmul and einsum each replace several loops. A loop over the kernel window "
                    "may stay."
                ),
            )
