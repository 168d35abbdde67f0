"""The known mistakes: every one of them must fail the suites, and explain itself."""

from __future__ import annotations

import copy
import importlib
import inspect
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import vectors
from autograder.assignments import all_assignments, find
from autograder.grading import _run_suites
from autograder.layers import TRUSTED
from autograder.mistakes import Mistake, catalogue, store
from autograder.suites.calling import Call, Protocol
from autograder.worker.host import LiveSubmission

ROOT = Path(__file__).parent.parent
EVERY = [(a, mistake) for a in catalogue.ASSIGNMENTS for mistake in catalogue.all_mistakes(a)]
FEWEST = {"convolution": 200, "pooling": 60, "normalization": 100, "convnet": 50}


def model(assignment: str) -> dict[str, Any]:
    """The functions of the model solution."""
    text = (ROOT / f"solutions/{assignment}/{assignment}.ipynb").read_text()
    space: dict[str, Any] = {"np": np, "layers": TRUSTED}
    for cell in json.loads(text)["cells"]:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and nbgrader and not nbgrader["grade"]:
            exec("".join(cell["source"]), space)
    return space


def protocol_of(assignment: str) -> Protocol:
    found: Protocol = importlib.import_module(f"autograder.suites.{assignment}").PROTOCOL
    return found


def reference_of(assignment: str) -> dict[str, Callable[..., Any]]:
    return dict(importlib.import_module(f"autograder.reference.{assignment}").OPERATORS)


def as_student(call: Call, function: Callable[..., Any], names: list[str]) -> Callable[..., Any]:
    """``function`` of an operator, whose parameters are ``names``, as a student's task."""
    if call.forward:
        return lambda dout, cache: function(dout, *(cache if type(cache) is tuple else (cache,)))
    if call.state is not None:
        place, keys = names.index(call.state[0]), call.state[1]

        def with_state(*arguments: Any) -> Any:
            # The operator's own handling of the state must not count twice.
            out, *state = function(*copy.deepcopy(arguments))
            arguments[place].update(zip(keys, state, strict=True))
            return (out, arguments) if call.cache is not None else out

        return with_state
    if call.cache is not None:
        return lambda *inputs: (function(*inputs), inputs if len(inputs) > 1 else inputs[0])
    return function


def verdicts(assignment: str, operator: str, function: Callable[..., Any]) -> dict[str, str]:
    protocol, reference = protocol_of(assignment), reference_of(assignment)
    task = protocol.task_of(operator)
    call = protocol[task]
    names = list(inspect.signature(reference[operator]).parameters)
    space = {**model(assignment), task: as_student(call, function, names)}
    if call.forward and call.own_cache:
        forward = protocol[call.forward]
        names = list(inspect.signature(reference[forward.operator]).parameters)
        space[call.forward] = as_student(forward, reference[forward.operator], names)
    ledger = _run_suites(LiveSubmission(space), find(assignment), True, 7, [task])
    return {entry.name: entry.verdict for entry in ledger.entries.values()}


@pytest.mark.parametrize(("assignment", "mistake"), EVERY, ids=[m.name for _, m in EVERY])
def test_every_known_mistake_fails(assignment: str, mistake: Mistake) -> None:
    found = verdicts(assignment, mistake.operator, mistake.function)
    assert "failed" in found.values(), found
    assert "error" not in found.values(), found


@pytest.mark.parametrize("assignment", catalogue.ASSIGNMENTS)
def test_the_model_solution_passes(assignment: str) -> None:
    ledger = _run_suites(LiveSubmission(model(assignment)), find(assignment), True, 7)
    wrong = [(e.task, e.name, e.message) for e in ledger.entries.values() if e.verdict != "passed"]
    assert not wrong


@pytest.mark.parametrize("assignment", [a.name for a in all_assignments()])
def test_every_task_has_a_public_and_a_hidden_check(assignment: str) -> None:
    entries = _run_suites(LiveSubmission({}), find(assignment), True, 7).entries.values()
    for task in find(assignment).tasks:
        kinds = {entry.hidden for entry in entries if entry.task == task.task}
        assert task.by_hand or kinds == {True, False}, task.task


@pytest.mark.parametrize("assignment", catalogue.ASSIGNMENTS)
def test_names_are_unique_and_texts_are_in_style(assignment: str) -> None:
    mistakes = catalogue.all_mistakes(assignment)
    names = [mistake.name for mistake in mistakes]
    assert len(set(names)) == len(names) >= FEWEST[assignment]
    for mistake in mistakes:
        assert mistake.name.startswith(mistake.operator + ".")
        assert not mistake.sentence.endswith("."), mistake.name
        assert mistake.sentence[0].islower() or mistake.sentence[0].isdigit(), mistake.name
        assert mistake.hint[-1] in ".?!", mistake.name


def test_the_stored_vectors_are_current() -> None:
    assert store.main(["--check"]) == 0


def test_a_changed_case_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = store.cases("convolution")
    case = next(c for c in made if isinstance(c.expected, np.ndarray))
    changed = case.expected.copy()
    changed.flat[0] += 0.1
    others = [replace(c, expected=changed) if c is case else c for c in made]
    monkeypatch.setattr(store, "cases", lambda name: others)
    assert store.main(["--check", "convolution"]) == 1


@pytest.mark.parametrize("assignment", catalogue.ASSIGNMENTS)
def test_stored_vectors_come_back_as_they_were(assignment: str, tmp_path: Path) -> None:
    cases = store.cases(assignment)
    vectors.save(tmp_path / "v.npz", cases, catalogue.lessons())
    back, lessons = vectors.load(tmp_path / "v.npz")
    assert lessons == catalogue.lessons()
    for one, other in zip(cases, back, strict=True):
        assert (one.operator, one.label, one.raises) == (other.operator, other.label, other.raises)
        assert list(one.arguments) == list(other.arguments)
        assert one.mistakes().keys() == other.mistakes().keys()
        assert catalogue.equal(one.expected, other.expected) or one.raises
    assert (tmp_path / "v.npz").stat().st_size < 300_000
