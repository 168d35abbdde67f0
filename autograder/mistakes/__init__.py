"""Known mistakes: wrong implementations that students really write, by operator.

They test the suites, which must reject every one of them, and they explain failures: an output
that equals a known mistake's output on the same input says what went wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Mistake"]


@dataclass(frozen=True)
class Mistake:
    """One known mistake.

    ``name`` is ``<operator>.<what is wrong>`` and unique. ``sentence`` continues "Your output is
    exactly what you get when", without a full stop; ``hint`` is whole sentences that help without
    giving the answer. ``function`` takes the operator's arguments by name and returns what a
    student's function with this mistake returns (of a forward pass, ``out`` alone); it may raise
    where such code would. ``changes_arguments`` is set where it writes into its arguments.
    """

    name: str
    operator: str
    sentence: str
    hint: str
    function: Callable[..., Any]
    changes_arguments: bool = False
