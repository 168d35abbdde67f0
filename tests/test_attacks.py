"""A part of the hostile submissions for every run; ``make attacks`` tries all at every level."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from attacks.attack import Attack
from attacks.attempts import expect_nothing, opened
from attacks.baselines import HONEST
from attacks.catalogue import ATTACKS, FAMILIES
from attacks.plain import full_marks
from attacks.trial import Arena

DOCS = Path(__file__).parent.parent / "docs"
SLOW = ("exhausting", "clock", "killing")
"""Families whose attacks wait for limits: fewer of them are tried here."""

SOME = {
    f"{family}: {attack.name}": attack
    for family, attacks in FAMILIES.items()
    for attack in attacks[:: 12 if family in SLOW else 7]
}
PLAIN = {name: attack for name, attack in ATTACKS.items() if attack.plain}


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    yield from opened("bubblewrap", tmp_path_factory)


@pytest.mark.parametrize("attack", SOME.values(), ids=SOME.keys())
def test_an_attack_achieves_nothing(arena: Arena, attack: Attack) -> None:
    expect_nothing(arena, attack)


@pytest.mark.parametrize("attack", PLAIN.values(), ids=PLAIN.keys())
def test_the_same_attack_gets_full_marks_from_plain_pytest(attack: Attack, tmp_path: Path) -> None:
    assert full_marks(attack, tmp_path)


def test_plain_pytest_tells_right_from_wrong_when_nobody_attacks_it(tmp_path: Path) -> None:
    for name, source, marks in (("right", "\n".join(HONEST), True), ("wrong", "", False)):
        folder = tmp_path / name
        folder.mkdir()
        assert full_marks(None, folder, source) is marks


def test_every_family_is_there_and_every_attack_says_what_it_tries() -> None:
    assert len(ATTACKS) >= 120
    assert set(FAMILIES) == {path.stem for path in _modules()}
    for name, attack in ATTACKS.items():
        assert re.fullmatch(r"[A-Z].{12,}\.", attack.tries, re.DOTALL), name
        assert not (attack.process and attack.harmful), name
        assert bool(attack.may_pass) == bool(attack.allowed), name


def _modules() -> list[Path]:
    folder = Path(__file__).parent / "attacks"
    return [path for path in folder.glob("*.py") if "\nATTACKS = (" in path.read_text()]


def test_the_documentation_lists_what_the_weakest_level_does_not_keep() -> None:
    text = re.sub(r"\s+", " ", (DOCS / "security.md").read_text())
    for attack in ATTACKS.values():
        for reason in filter(None, (attack.process, attack.harmful, attack.allowed)):
            assert f"{attack.name}" in text, f"{attack.name}: {reason}"
