"""What hidden checks compare with: the reference, asked on the spot."""

from __future__ import annotations

import copy
import functools
from types import ModuleType
from typing import Any

from autograder.mistakes import catalogue
from autograder.suites.calling import Protocol
from autograder.vectors import Case
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
        try:
            expected = self._operators[operator](**copy.deepcopy(arguments))
        except ValueError:
            return Case(operator, "hidden: error", arguments, raises="ValueError")
        out = None
        call = self._protocol[task]
        if call.own_cache:
            inputs = copy.deepcopy(arguments)
            del inputs["dout"]
            out = self._operators[self._protocol.operator_of(call.forward)](**inputs)
            out = out[0] if type(out) is tuple else out
        candidates = functools.cache(lambda: catalogue.candidates(operator, arguments, expected))
        return Case(operator, "hidden", arguments, expected, out=out, mistakes=candidates)

    def compare(self, submission: Submission, task: str, **arguments: Any) -> None:
        """Raise a :class:`Finding` unless ``task`` does what the reference does."""
        case = self.case(task, **arguments)
        if case.raises:
            self._protocol.expect_error(submission, task, case)
        else:
            self._protocol.expect_values(submission, task, case, catalogue.lessons())
