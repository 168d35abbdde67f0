"""Which known mistake explains what a submission did.

A wrong result is compared with what known mistakes give for the same input, each part of it on its
own (``dx``, ``dw``, ``db``). Often several give just that. Then the other public inputs decide: the
submission is tried on them, and of the mistakes that explain the failed case the one is named that
explains most of what it did there, right results included. Where two are still alike, the more
frequent one is named.

Only outcomes are compared, those stored for public cases too, so that none of the mistakes' code is
needed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..agreement import is_single, same
from ..vectors import Case, Outcome
from .pattern import is_unwritten

__all__ = ["Observation", "Others", "changing", "culprits", "of_dtype"]


@dataclass(frozen=True)
class Observation:
    """What a submission did with one case: it returned ``got``, or failed with the built-in
    exception ``raised``."""

    case: Case
    got: Any = None
    raised: str = ""


Agree = Callable[[Any, Any, bool], bool]
"""Whether a value is the expected one, in single precision or not."""


class Others:
    """What a submission did with other cases of a task; ``observe`` is asked when it is needed."""

    def __init__(self, observe: Callable[[], Sequence[Observation]], right: Agree) -> None:
        self._observe = observe
        self._right = right

    def __call__(self) -> Sequence[Observation]:
        return self._observe()

    @functools.cached_property
    def contradicted(self) -> frozenset[str]:
        """The mistakes that do something else than was observed, somewhere."""
        return frozenset(_contradicted(self._observe(), self._right))


def culprits(observation: Observation, parts: int, others: Others, right: Agree) -> tuple[str, ...]:
    """The known mistakes that explain a failed case: one for all of it, or else one for each wrong
    part that one explains.

    ``parts`` is the number of values that the operator returns; ``right`` tells whether a value is
    the expected one, in single precision or not. ``others`` gives what the submission did with
    other cases, and is asked only where that can make a difference.
    """
    case = observation.case
    if case.search is not None:
        # First among those that explain all that was seen elsewhere.
        likely = case.search(others.contradicted)
        narrowed = replace(case, outcomes=lambda: likely, search=None)
        culprit = culprits(replace(observation, case=narrowed), parts, others, right)
        if culprit:
            return culprit
    whole = _candidates(observation, None)
    ranked = _ranked(whole, None, others, right, _telling(observation, None))
    if ranked:
        return (ranked[0],)
    named: dict[str, None] = {}
    for part in _wrong_parts(observation, parts, right):
        found = _candidates(observation, part)
        named |= dict.fromkeys(_ranked(found, part, others, right, telling=True)[:1])
    return tuple(named) or _by_others(observation, others, right)


def _contradicted(observations: Iterable[Observation], right: Agree) -> set[str]:
    """The mistakes that do something else than was observed, somewhere."""
    out: set[str] = set()
    for observation in observations:
        outcomes = [o for o in observation.case.outcomes() if o.wrong and o.varies != "widely"]
        matching, is_right = _explaining(observation, None, right)
        named = {name for outcome in outcomes for name in outcome.names}
        out |= matching if is_right else named - matching
    return out


def _by_others(observation: Observation, others: Others, right: Agree) -> tuple[str, ...]:
    """A mistake whose result here is not known, but that explains all that was seen elsewhere."""
    names = [n for o in observation.case.outcomes() if o.varies == "widely" for n in o.names]
    return tuple(_ranked(names, None, others, right, telling=False)[:1])


def changing(case: Case, argument: str, others: Others, right: Agree) -> str:
    """The known mistake that writes into ``argument``, '' if none is known."""
    found = [n for o in case.outcomes() if argument in o.changed for n in o.names]
    return next(iter(_ranked(found, None, others, right, True)), "")


def of_dtype(case: Case, others: Others, right: Agree) -> str:
    """The known mistake that gives the right values in a wrong dtype, '' if none is known."""
    found = [name for o in case.outcomes() if o.dtype for name in o.names]
    return next(iter(_ranked(found, None, others, right, True)), "")


def _wrong_parts(observation: Observation, parts: int, right: Agree) -> Sequence[int]:
    got, expected = observation.got, observation.case.expected
    if parts == 1 or observation.raised or observation.case.raises:
        return ()
    if type(got) not in (tuple, list) or len(got) != parts:
        return ()
    single = is_single(observation.case.arguments)
    return [i for i in range(parts) if not right(got[i], expected[i], single)]


def _part(value: Any, part: int | None) -> Any:
    if part is None:
        return value
    if isinstance(value, tuple | list) and part < len(value):
        return value[part]
    return None


def _candidates(observation: Observation, part: int | None) -> list[str]:
    """The mistakes that do what was observed, the most frequent first."""
    return [
        name
        for outcome in observation.case.outcomes()
        if outcome.wrong and _fits(outcome, observation, part)
        for name in outcome.names
    ]


def _fits(outcome: Outcome, observation: Observation, part: int | None) -> bool:
    """Whether a mistake with this outcome would have been observed like that."""
    if outcome.raises or observation.raised:
        return outcome.raises == observation.raised
    got, expected = _part(observation.got, part), _part(observation.case.expected, part)
    if outcome.varies:
        return outcome.varies == "slightly" and _is_near(got, expected)
    result = _part(outcome.result, part)
    return _could_be(got, result) and same(
        _unwritten_as_nan(got), result, is_single(observation.case.arguments)
    )


def _could_be(got: Any, result: Any, depth: int = 2) -> bool:
    """False where ``got`` has another shape than ``result``, before anything is done with all of
    its values: they may be many, and the known mistakes are too."""
    if isinstance(got, np.ndarray) and isinstance(result, np.ndarray):
        return bool(got.shape == result.shape)
    if isinstance(got, tuple | list) and isinstance(result, tuple | list) and depth:
        return len(got) == len(result) and all(
            _could_be(a, b, depth - 1) for a, b in zip(got, result, strict=True)
        )
    return True


def _unwritten_as_nan(value: Any, depth: int = 2) -> Any:
    """``value`` as a known mistake would have it, which writes NaN where np.empty is not filled.

    In what mistakes return, arrays lie no deeper than ``depth``; a submission may nest for ever.
    """
    if isinstance(value, tuple | list):
        return type(value)(_unwritten_as_nan(v, depth - 1) for v in value) if depth else value
    if isinstance(value, np.ndarray) and is_unwritten(value).any():
        return np.where(is_unwritten(value), np.nan, value)
    return value


def _is_near(got: Any, expected: Any) -> bool:
    """Whether two results are equal to the precision of ``float32`` arithmetic."""
    if isinstance(expected, tuple | list):
        return (
            isinstance(got, tuple | list)
            and len(got) == len(expected)
            and all(map(_is_near, got, expected))
        )
    return same(got, expected, single=True)


def _telling(observation: Observation, part: int | None) -> bool:
    """Whether the value holds so much that it cannot be met by chance."""
    value = _part(observation.got, part)
    values = value if isinstance(value, tuple | list) else [value]
    return sum(v.size for v in values if isinstance(v, np.ndarray)) > 3


def _ranked(
    names: Sequence[str],
    part: int | None,
    others: Others,
    right: Agree,
    telling: bool,
) -> list[str]:
    """``names``, those first that explain most of what was seen elsewhere.

    Where the observation is not ``telling``, a single number perhaps, only mistakes are kept that
    explain more than they contradict, or that show nowhere else, as the submission does.
    """
    if not names or (telling and len(names) < 2):
        return list(names)
    score, contradicted = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    explained = dict.fromkeys(names, 0)
    right_elsewhere = True
    for other in others():
        matching, is_right = _explaining(other, part, right)
        right_elsewhere &= is_right
        unknown = {n for o in other.case.outcomes() if o.varies == "widely" for n in o.names}
        for name in names:
            if name in unknown:
                continue
            fits = name in matching if not is_right else name not in matching
            score[name] += fits
            contradicted[name] += not fits
            explained[name] += fits and not is_right
    kept = [
        name
        for name in names
        if telling
        or contradicted[name] < explained[name]
        or (right_elsewhere and not contradicted[name])
    ]
    return sorted(kept, key=lambda name: -score[name])


def _explaining(observation: Observation, part: int | None, right: Agree) -> tuple[set[str], bool]:
    """Where the submission is wrong: the mistakes that do the same. Where it is right: those that
    are not. And which of the two it is."""
    case = observation.case
    single = is_single(case.arguments)
    if case.raises:
        is_right = observation.raised == case.raises
    else:
        is_right = not observation.raised and right(
            _part(observation.got, part), _part(case.expected, part), single
        )
    found: set[str] = set()
    for outcome in case.outcomes():
        if not outcome.wrong:
            continue
        if not is_right:
            hit = _fits(outcome, observation, part)
        elif case.raises or outcome.raises or outcome.varies or part is None:
            hit = True
        else:
            hit = not same(_part(outcome.result, part), _part(case.expected, part), single)
        if hit:
            found.update(outcome.names)
    return found, is_right
