"""What hidden checks compare with: the reference, asked on the spot."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from autograder.mistakes import catalogue
from autograder.suites.calling import Protocol
from autograder.vectors import Case, Outcome
from autograder.worker.host import Submission

__all__ = ["Oracle"]

MOST_ANSWERS = 2_000
"""How many answers of the reference are kept: a class is asked the same with the same seed. One
assignment's checks make some three hundred calls."""


class Oracle:
    """The reference of one assignment, for the tasks of a :class:`Protocol`.

    ``reference`` is the module with the assignment's ``OPERATORS``.
    """

    def __init__(self, protocol: Protocol, reference: ModuleType) -> None:
        self._protocol = protocol
        self._operators = reference.OPERATORS

    def case(self, task: str, **arguments: Any) -> Case:
        """A case whose result is the reference's, or the exception that the reference raises."""
        operator = self._protocol.operator_of(task)
        expected, raises = self._answer(operator, arguments)
        call = self._protocol[task]
        out = None
        if call.own_cache and raises is None:
            inputs = {name: value for name, value in arguments.items() if name != "dout"}
            out, _ = self._answer(self._protocol.operator_of(call.forward), inputs)
            out = out[0] if type(out) is tuple else out

        def search(without: Collection[str]) -> Sequence[Outcome]:
            return catalogue.outcomes(operator, arguments, expected, raises, without=without)

        everything = functools.cache(lambda: search(()))
        return Case(operator, "hidden", arguments, expected, raises, out, everything, search)

    def _answer(self, operator: str, arguments: Mapping[str, Any]) -> tuple[Any, str | None]:
        """What the reference returns, not to be written into, and what it raises instead."""
        # Pickled by us and for us: the key of an answer, and the copy that it is computed from.
        return _computed(self._operators[operator], pickle.dumps(arguments))

    def compare(self, submission: Submission, task: str, **arguments: Any) -> None:
        """Raise a :class:`Finding` unless ``task`` does what the reference does."""
        self.compare_all(submission, task, [arguments])

    def compare_all(
        self, submission: Submission, task: str, calls: Iterable[Mapping[str, Any]]
    ) -> None:
        """:meth:`compare` for the arguments of one call after the other."""
        cases = [self.case(task, **arguments) for arguments in calls]
        self._protocol.expect_all(submission, task, cases)


@functools.lru_cache(MOST_ANSWERS)
def _computed(operator: Callable[..., Any], pickled: bytes) -> tuple[Any, str | None]:
    try:
        return _frozen(operator(**pickle.loads(pickled))), None
    except ValueError:
        return None, "ValueError"


def _frozen(value: Any) -> Any:
    """``value`` with every array in it closed for writing."""
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    elif isinstance(value, Mapping):
        for item in value.values():
            _frozen(item)
    elif isinstance(value, tuple | list):
        for item in value:
            _frozen(item)
    return value
