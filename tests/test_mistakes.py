"""The known mistakes: every one of them must fail the suites, and explain itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import vectors
from autograder.assignments import find
from autograder.grading import _run_suites
from autograder.mistakes import Mistake, catalogue, convolution, store
from autograder.worker.host import LiveSubmission

ROOT = Path(__file__).parent.parent
TASKS = {"conv_forward": "conv_forward_naive", "conv_backward": "conv_backward_naive"}
WITH_CACHE = ("conv_forward", "conv1d_forward", "conv3d_forward")


def model() -> dict[str, Any]:
    """The functions of the model solution."""
    notebook = json.loads((ROOT / "solutions/convolution/convolution.ipynb").read_text())
    space: dict[str, Any] = {"np": np}
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id", "").endswith("-code"):
            exec("".join(cell["source"]), space)
    return space


def as_student(operator: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` of an operator with a task's signature."""
    if operator in WITH_CACHE:
        return lambda x, w, b, conv_param: (function(x, w, b, conv_param), (x, w, b, conv_param))
    if operator == "conv_backward":
        return lambda dout, cache: function(dout, *cache)
    return function


def verdicts(operator: str, function: Callable[..., Any]) -> dict[str, str]:
    task = TASKS.get(operator, operator)
    space = {**model(), task: as_student(operator, function)}
    ledger = _run_suites(LiveSubmission(space), find("convolution"), True, 7, [task])
    return {entry.name: entry.verdict for entry in ledger.entries.values()}


@pytest.mark.parametrize("mistake", convolution.MISTAKES, ids=lambda m: m.name)
def test_every_known_mistake_fails(mistake: Mistake) -> None:
    found = verdicts(mistake.operator, mistake.function)
    assert "failed" in found.values(), found
    assert "error" not in found.values(), found


def test_the_model_solution_passes() -> None:
    space = model()
    ledger = _run_suites(LiveSubmission(space), find("convolution"), True, 7)
    wrong = [(e.task, e.name) for e in ledger.entries.values() if e.verdict != "passed"]
    assert not wrong


def test_names_are_unique_and_texts_are_in_style() -> None:
    names = [mistake.name for mistake in convolution.MISTAKES]
    assert len(set(names)) == len(names) >= 45
    for mistake in convolution.MISTAKES:
        assert mistake.name.startswith(mistake.operator + ".")
        assert not mistake.sentence.endswith("."), mistake.name
        assert mistake.sentence[0].islower() or mistake.sentence[0].isdigit(), mistake.name
        assert mistake.hint[-1] in ".?!", mistake.name


def test_the_stored_vectors_are_current() -> None:
    assert store.main(["--check"]) == 0


def test_a_changed_case_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = store.cases()
    case = next(c for c in made if isinstance(c.expected, np.ndarray))
    changed = case.expected.copy()
    changed.flat[0] += 0.1
    others = [replace(c, expected=changed) if c is case else c for c in made]
    monkeypatch.setattr(store, "cases", lambda: others)
    assert store.main(["--check"]) == 1


def test_stored_vectors_come_back_as_they_were(tmp_path: Path) -> None:
    cases = store.cases()
    vectors.save(tmp_path / "v.npz", cases, catalogue.lessons())
    back, lessons = vectors.load(tmp_path / "v.npz")
    assert lessons == catalogue.lessons()
    for one, other in zip(cases, back, strict=True):
        assert (one.operator, one.label, one.raises) == (other.operator, other.label, other.raises)
        assert list(one.arguments) == list(other.arguments)
        assert one.mistakes().keys() == other.mistakes().keys()
        assert catalogue.equal(one.expected, other.expected) or one.raises
    assert (tmp_path / "v.npz").stat().st_size < 300_000
