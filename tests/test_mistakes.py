"""The known mistakes as a catalogue, and the vectors that are stored of them.

That each fails the suites and is named is the audit's affair: ``test_audit.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from autograder import rooms, vectors
from autograder.agreement import same
from autograder.assignments import all_assignments, find
from autograder.grading import run_suites
from autograder.mistakes import catalogue, store
from autograder.vectors import Outcome
from autograder.worker.host import LiveSubmission

FEWEST = {"convolution": 200, "pooling": 60, "normalization": 100, "convnet": 50}
ROOM = 2_000_000
"""Bytes that the stored vectors of all assignments may take together."""


@pytest.fixture(autouse=True, scope="module")
def made_once() -> Iterator[None]:
    """The cases of an assignment are the same each time, and take long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "cases", cache(store.cases))
        yield


@pytest.mark.parametrize("assignment", [a.name for a in all_assignments()])
def test_every_task_has_a_public_and_a_hidden_check(assignment: str) -> None:
    entries = run_suites(LiveSubmission({}), find(assignment), True, 7).entries.values()
    for task in find(assignment).tasks:
        kinds = {entry.hidden for entry in entries if entry.task == task.task}
        assert task.by_hand or kinds == {True, False}, task.task


@pytest.mark.parametrize("assignment", catalogue.assignments())
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


@pytest.mark.parametrize("assignment", catalogue.assignments())
def test_stored_vectors_come_back_as_they_were(assignment: str, tmp_path: Path) -> None:
    cases = store.cases(assignment)
    vectors.save(tmp_path / "v.npz", cases, catalogue.lessons(assignment))
    back, lessons = vectors.load(tmp_path / "v.npz")
    assert lessons == catalogue.lessons(assignment)
    for one, other in zip(cases, back, strict=True):
        assert (one.operator, one.label, one.raises) == (other.operator, other.label, other.raises)
        assert list(one.arguments) == list(other.arguments)
        assert same(one.expected, other.expected)
        assert len(one.outcomes()) == len(other.outcomes())
        for before, after in zip(one.outcomes(), other.outcomes(), strict=True):
            assert replace(before, result=None) == replace(after, result=None)
            assert same(before.result, after.result)


def test_the_stored_vectors_are_small() -> None:
    (folder,) = rooms.places("suites/public/vectors")
    assert 0 < sum(path.stat().st_size for path in folder.glob("*.npz")) < ROOM


def outcomes(operator: str, **arguments: object) -> dict[str, Outcome]:
    expected = {"same_padding": 2}.get(operator)
    found = catalogue.outcomes(operator, arguments, expected)
    return {name.partition(".")[2]: outcome for outcome in found for name in outcome.names}


def test_outcomes_say_what_mistakes_do() -> None:
    found = outcomes("same_padding", kernel=5)
    assert found["true_division"].result == 2.0
    assert type(found["true_division"].result) is float
    assert found["both_sides_together"].result == 4
    assert "even_accepted" not in found


def test_mistakes_that_are_left_out_are_not_run() -> None:
    everything = {n for o in catalogue.outcomes("same_padding", {"kernel": 5}, 2) for n in o.names}
    without = catalogue.outcomes("same_padding", {"kernel": 5}, 2, without=everything)
    assert everything
    assert without == ()


def test_single_precision_is_not_stored_by_value() -> None:
    found = {
        outcome.varies
        for case in store.cases("convolution")
        for outcome in case.outcomes()
        if "conv_forward.single_precision" in outcome.names
    }
    assert found == {"slightly"}
