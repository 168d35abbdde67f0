"""What a known mistake is, and how one is entered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Mistake", "Register"]


@dataclass(frozen=True)
class Mistake:
    """One known mistake.

    ``name`` is ``<operator>.<what is wrong>`` and unique. ``sentence`` continues "Your output is
    exactly what you get when", without a full stop; ``hint`` is whole sentences that help without
    giving the answer. ``function`` takes the operator's arguments by name and returns what a
    student's function with this mistake returns (of a forward pass, ``out`` alone); it may raise
    where such code would. ``changes_arguments`` is set where it writes into its arguments,
    ``between_calls`` where the first call is right and leaves something behind that spoils later
    ones.
    """

    name: str
    operator: str
    sentence: str
    hint: str
    function: Callable[..., Any]
    changes_arguments: bool = False
    between_calls: bool = False


class Register:
    """Collects the known mistakes of one assignment, in the order in which they are written.

    Used as a decorator: ``@register("max_pool_forward", "zero_start", sentence, hint)``. The
    first argument is one operator, or several that the same function serves.
    """

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def __call__(
        self,
        operators: str | Sequence[str],
        name: str,
        sentence: str,
        hint: str,
        *,
        changes_arguments: bool = False,
        between_calls: bool = False,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Enter the decorated function as a known mistake of one or several operators."""
        names = (operators,) if isinstance(operators, str) else operators

        def enter(function: Callable[..., Any]) -> Callable[..., Any]:
            for operator in names:
                self.found.append(
                    Mistake(
                        f"{operator}.{name}",
                        operator,
                        sentence,
                        hint,
                        function,
                        changes_arguments,
                        between_calls,
                    )
                )
            return function

        return enter
