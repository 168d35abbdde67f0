"""Hostile submissions, graded for real at every level that works here: ``make attacks``."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest

from attacks.attack import Attack
from attacks.catalogue import ATTACKS
from attacks.surroundings import Surroundings
from attacks.trial import Arena
from autograder.worker.sandbox import Level

TOKEN = secrets.token_hex(16)
"""In a file, in the environment, in the memory of this process, in the folder of a neighbour."""


@pytest.fixture(scope="module", params=["bubblewrap", "landlock", "process"])
def arena(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Arena]:
    yield from opened(request.param, tmp_path_factory)


def opened(level: Level, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    os.environ["COURSE_TOKEN"] = TOKEN
    here = Arena(level, Surroundings(tmp_path_factory.mktemp(level), TOKEN))
    try:
        here.warm_up()
        yield here
    finally:
        here.close()
        del os.environ["COURSE_TOKEN"]


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_achieves_nothing(arena: Arena, attack: Attack) -> None:
    expect_nothing(arena, attack)


def expect_nothing(arena: Arena, attack: Attack) -> None:
    """Try ``attack``. At level ``process`` those that are listed must achieve something, or else
    the list in ``docs/security.md`` is too long."""
    if attack.only and arena.level not in attack.only:
        pytest.skip(f"it makes sense at level {attack.only} only")
    if arena.level == "process" and attack.harmful:
        pytest.skip(f"not tried without a sandbox: {attack.harmful}")
    achieved = arena.try_out(attack)
    if arena.level == "process" and attack.process:
        assert achieved, f"listed as possible here ({attack.process}), and it is not"
    else:
        assert achieved == [], achieved
