"""The verdict on speed, for made-up ratios: what decides, and when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.assertions import speed
from autograder.assertions.speed import LIMIT, MOST, race
from autograder.report import Finding
from autograder.worker.host import Submission, Timed
from autograder.worker.wire import Handle


class Clocked(Submission):
    """A submission whose calls take as many yardsticks as ``ratios`` says."""

    def __init__(self, ratios: list[float]) -> None:
        self._ratios: Iterator[float] = iter(ratios * MOST)

    def companion(self) -> Submission:
        return self

    def put(self, value: object) -> Handle:
        return Handle(1)

    def get(self, handle: Handle) -> object:
        return None

    def drop(self, *handles: Handle) -> None:
        pass

    def time(self, function: str, *arguments: object) -> Timed:
        return Timed(Handle(2), next(self._ratios))

    def time_yardstick(self, **fields: object) -> Timed:
        return Timed(Handle(3), 1.0)


def pairs(ratios: list[float]) -> int:
    run = race(Clocked(ratios), "f", lambda: [0], (1, 1, 1, 1), lambda a, r: None)
    return len(run.ratios)


def is_slow(ratios: list[float]) -> bool:
    try:
        speed.expect_fast(Clocked(ratios), "f", lambda: [0], (1, 1, 1, 1), lambda a, r: None)
    except Finding:
        return True
    return False


@pytest.mark.parametrize(
    ("ratios", "slow", "count"),
    [
        ([LIMIT / 4], False, 3),
        ([LIMIT * 4], True, 5),
        ([LIMIT * 4, LIMIT / 4, LIMIT / 4], False, 3),
        ([LIMIT * 2] * 4 + [LIMIT * 0.9], True, MOST),
        ([LIMIT * 0.9, LIMIT * 1.1], False, MOST),
        ([LIMIT * 2, LIMIT * 2, LIMIT * 0.9], True, MOST),
    ],
)
def test_the_verdict_falls_when_it_is_clear(ratios: list[float], slow: bool, count: int) -> None:
    assert is_slow(ratios) is slow
    assert pairs(ratios) == count


def test_every_timed_result_is_verified() -> None:
    seen = []
    race(Clocked([1.0]), "f", lambda: [0], (1, 1, 1, 1), lambda a, r: seen.append(a))
    assert len(seen) == 3
