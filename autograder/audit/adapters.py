"""Turning an operator's function into a student's task: part of a cell, run inside the worker."""

from __future__ import annotations

import copy
from typing import Any

__all__ = ["as_task", "with_inputs"]


def as_task(
    function: Any,
    *,
    backward: bool = False,
    returns_cache: bool = False,
    state: tuple[int, tuple[str, ...]] | None = None,
    trusted: int | None = None,
) -> Any:
    """``function`` of an operator, called and returning as its task does.

    ``backward``: it is called with ``dout`` and a cache, which is the tuple of the operator's other
    arguments, or carries it as ``inputs``. ``returns_cache``: it returns ``(out, cache)``.
    ``state``: the position of a dictionary, and the keys that take the results after the first.
    ``trusted``: the position of the trusted layers, which the operator does without.
    """

    def task(*arguments: Any) -> Any:
        if backward:
            dout, cache = arguments
            inputs = getattr(cache, "inputs", cache if type(cache) is tuple else (cache,))
            return function(dout, *inputs)
        if trusted is not None:
            return function(*arguments[:trusted], *arguments[trusted + 1 :])
        if state is None:
            result = function(*arguments)
        else:
            # The operator's own handling of the state must not count twice.
            given = list(arguments)
            given[state[0]] = copy.deepcopy(given[state[0]])
            result, *values = function(*given)
            arguments[state[0]].update(zip(state[1], values, strict=True))
        if not returns_cache:
            return result
        return result, arguments if len(arguments) > 1 else arguments[0]

    return task


def with_inputs(forward: Any) -> Any:
    """The student's ``forward``, whose cache carries its inputs too, as ``inputs``."""

    class Cache(tuple):  # type: ignore[type-arg]
        inputs: Any

    def task(*arguments: Any) -> Any:
        saved = copy.deepcopy(arguments)
        out, cache = forward(*arguments)
        cache = Cache(cache)
        cache.inputs = saved
        return out, cache

    return task
