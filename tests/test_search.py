"""A search for inputs on which right code and the oracle disagree, beyond what the suites try.

The model solution and every correct variant are called with drawn arguments, through the protocol
and the tolerances of the suites. A disagreement is a false fail in waiting: a wrong reference, a
wrong variant, or a tolerance that right code does not meet. ``--hypothesis-profile=search`` looks
longer, and elsewhere every time.
"""

from __future__ import annotations

import copy
import functools
import importlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.audit.handins import HandIn, Solution, hand_ins, protocol_of
from autograder.layers import TRUSTED
from autograder.mistakes import catalogue
from autograder.report import Finding
from autograder.vectors import Case
from autograder.worker.host import LiveSubmission
from strategies import OPERATORS

ROOT = Path(__file__).parent.parent

TASKS = [
    (assignment, task)
    for assignment in catalogue.assignments()
    for task in Solution(ROOT / "solutions", assignment).tasks
    if protocol_of(assignment).operator_of(task) in OPERATORS
]


@functools.cache
def solution(assignment: str) -> Solution:
    return Solution(ROOT / "solutions", assignment)


@functools.cache
def writings(assignment: str, task: str) -> list[HandIn | None]:
    """The ways to write a task: the model solution, and every correct variant."""
    return [None, *hand_ins(solution(assignment), ("variant",), {task})]


@functools.cache
def functions(assignment: str, hand_in: HandIn | None) -> dict[str, Any]:
    """The functions of a notebook."""
    return solution(assignment).namespace(hand_in, layers=TRUSTED)


@pytest.mark.parametrize(("assignment", "task"), TASKS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_right_code_agrees_with_the_oracle(assignment: str, task: str, data: st.DataObject) -> None:
    protocol = protocol_of(assignment)
    operator = protocol.operator_of(task)
    arguments = data.draw(OPERATORS[operator])
    hand_in = data.draw(st.sampled_from(writings(assignment, task)))
    reference = importlib.import_module(f"autograder.reference.{assignment}").OPERATORS[operator]
    submission = LiveSubmission(functions(assignment, hand_in))
    try:
        expected = reference(**copy.deepcopy(arguments))
    except ValueError:
        with pytest.raises(Finding) as caught:
            protocol.run(submission, task, arguments)
        assert getattr(caught.value, "exception", "") == "ValueError"
        return
    protocol.expect_values(submission, task, Case(operator, "drawn", arguments, expected))
