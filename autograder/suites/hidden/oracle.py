"""What hidden checks compare with: the reference, asked on the spot."""

from __future__ import annotations

import copy
import functools
from collections.abc import Collection, Sequence
from types import ModuleType
from typing import Any

from autograder.mistakes import catalogue
from autograder.suites.calling import Protocol
from autograder.vectors import Case, Outcome
from autograder.worker.host import Submission

__all__ = ["Oracle"]


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
        expected, raises, out = None, None, None
        try:
            expected = self._operators[operator](**copy.deepcopy(arguments))
        except ValueError:
            raises = "ValueError"
        call = self._protocol[task]
        if call.own_cache and raises is None:
            inputs = copy.deepcopy(arguments)
            del inputs["dout"]
            out = self._operators[self._protocol.operator_of(call.forward)](**inputs)
            out = out[0] if type(out) is tuple else out

        def search(without: Collection[str]) -> Sequence[Outcome]:
            return catalogue.outcomes(operator, arguments, expected, raises, without=without)

        everything = functools.cache(lambda: search(()))
        return Case(operator, "hidden", arguments, expected, raises, out, everything, search)

    def compare(self, submission: Submission, task: str, **arguments: Any) -> None:
        """Raise a :class:`Finding` unless ``task`` does what the reference does."""
        case = self.case(task, **arguments)
        if case.raises:
            self._protocol.expect_error(submission, task, case)
        else:
            self._protocol.expect_values(submission, task, case)
