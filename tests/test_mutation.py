"""The mutants of the reference: the machinery that makes and tries them, and what may survive."""

from __future__ import annotations

import pytest

pytest.importorskip("cosmic_ray")

from mutation import accepted, mutants, trial
from mutation.mutants import Mutant
from mutation.trial import Trial


def changed(before: str, after: str) -> Mutant:
    """A mutant of ``same_padding`` made by hand."""
    source = mutants.source_of("convolution")
    assert source.count(before) == 1
    target = mutants.Target("convolution", "same_padding")
    text = source.replace(before, after)
    return Mutant("convolution", "same_padding", "by hand", 0, before, after, text, (target,))


def tried(*several: Mutant) -> list[Trial]:
    return list(trial.run(several))


def test_mutants_of_a_small_operator_are_killed_or_written_down() -> None:
    every = mutants.generate("convolution")
    small = [mutant for mutant in every if mutant.function == "same_padding"]
    assert len(small) > 30
    done = tried(*small)
    assert len(done) == len(small)
    survivors = {one.mutant.key for one in done if not one.killed}
    known = {key for key, entry in accepted.read().items() if entry.function == "same_padding"}
    assert survivors == known
    assert not any(outcome.fault for one in done for outcome in one.outcomes)


def test_one_that_is_no_change_survives() -> None:
    (done,) = tried(changed("kernel % 2 == 0", "not kernel % 2"))
    assert not done.killed
    assert [outcome.fault for outcome in done.outcomes] == [""]


@pytest.mark.parametrize(
    ("body", "killed_by"),
    [
        ("while True: pass", "timeout"),
        ("import os; os._exit(0)", "it ended the process"),
        ("return None", "basic"),
    ],
)
def test_one_that_never_comes_back_is_stopped(
    body: str, killed_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "SECONDS", 1)
    (done,) = tried(changed("return int((kernel - 1) // 2)", body))
    assert [outcome.killed_by for outcome in done.outcomes] == [killed_by]


def test_one_that_cannot_be_imported_is_killed() -> None:
    (done,) = tried(changed("import numpy as np", "import no_such_module"))
    assert done.killed


def test_a_fault_of_the_kit_kills_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no suite today")

    mutant = changed("return int((kernel - 1) // 2)", "return 99")
    monkeypatch.setattr(trial, "warm_up", lambda targets: dict.fromkeys(targets, 0.0))
    monkeypatch.setattr(trial, "run_suites", fail)
    (done,) = tried(mutant)
    assert not done.killed
    assert "no suite today" in done.outcomes[0].fault


def test_a_helper_is_tried_by_all_that_use_it_across_modules() -> None:
    found = {mutant.function: mutant.reached for mutant in mutants.generate("convolution")}
    windows = [target.operator for target in found["_windows"]]
    assert windows[0] == "conv_forward"
    assert {"conv3d_forward", "conv_backward", "convnet_loss"} <= set(windows)
    assert "same_padding" not in windows


def test_the_reference_itself_stays_as_it_is() -> None:
    mutant = changed("return int((kernel - 1) // 2)", "return 99")
    operators = mutants.load(mutant)
    assert operators["convolution"]["same_padding"](3) == 99
    assert mutants.original("convolution").same_padding(3) == 1


def test_code_that_never_runs_is_not_changed() -> None:
    for module in mutants.MODULES:
        for mutant in mutants.generate(module):
            assert mutant.function not in ("OPERATORS", "LAYERS", "Array", "__all__")
            assert "raise " not in mutant.before
            assert not mutant.before.startswith('"""')


def test_what_is_written_down_is_there() -> None:
    entries = accepted.read()
    made = {module: mutants.functions(module) for module in mutants.MODULES}
    for entry in entries.values():
        lines = [line.strip() for line in made[entry.module][entry.function].splitlines()]
        assert entry.key[3] in lines, entry
        assert entry.key[2] in mutants.KINDS, entry
    keys = {mutant.key for module in mutants.MODULES for mutant in mutants.generate(module)}
    assert entries.keys() <= keys
