"""The verdict on speed, for made-up ratios: what decides, and when."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import pytest

from autograder.assertions import speed
from autograder.assertions.speed import CREDIT, LIMIT, MOST, OUTSIDE, PART, race
from autograder.report import Finding
from autograder.worker.host import Submission, Timed
from autograder.worker.wire import Handle


class Clocked(Submission):
    """A submission whose calls take as many yardsticks as ``ratios`` says, and which takes
    ``outside`` for each array that goes in or out. The clock shows ``yardsticks`` of their
    seconds."""

    def __init__(
        self, ratios: list[float], outside: float = 0.0, yardsticks: Sequence[float] = (1.0,)
    ) -> None:
        self._ratios: Iterator[float] = iter(ratios * 2 * MOST)
        self._yardsticks = itertools.cycle(yardsticks)
        self._outside = outside
        self._clock = 0.0
        self._warm = False

    def spent(self) -> float:
        return self._clock

    def companion(self) -> Submission:
        return self

    def put(self, value: object) -> Handle:
        self._clock += self._outside
        return Handle(1)

    def get(self, handle: Handle) -> object:
        self._clock += self._outside
        return None

    def drop(self, *handles: Handle) -> None:
        pass

    def time(self, function: str, *arguments: object) -> Timed:
        seconds = next(self._ratios)
        self._clock += seconds
        return Timed(Handle(2), seconds)

    def time_yardstick(self) -> float:
        if not self._warm:
            self._warm = True
            return 100.0
        return next(self._yardsticks)


def pairs(ratios: list[float]) -> int:
    run = race(Clocked(ratios), "f", lambda: [0], lambda a, r: None)
    return len(run.ratios)


def finding(ratios: list[float], outside: float = 0.0) -> Finding | None:
    submission = Clocked(ratios, outside)
    try:
        speed.expect_fast(submission, "f", lambda: [0], lambda a, r: None)
    except Finding as found:
        return found
    return None


@pytest.mark.parametrize(
    ("ratios", "credit", "count"),
    [
        ([LIMIT / 3], 1, 2),
        ([LIMIT / 3, LIMIT / 2], 1, 3),
        ([LIMIT / 2, LIMIT / 3], 1, 3),
        ([LIMIT / 2, LIMIT * PART * 2.3, LIMIT * PART * 2.3], 0, 3),
        ([LIMIT * PART * 2.3, LIMIT * PART * 2.3, LIMIT * PART * 1.7], 0, 5),
        ([LIMIT * 1.7], CREDIT, 5),
        ([LIMIT * PART * 1.3, LIMIT / 2, LIMIT / 2], 1, 3),
        ([LIMIT * 0.9], 1, MOST),
        ([LIMIT * 1.7, LIMIT * 0.9, LIMIT * 1.8], CREDIT, MOST),
        ([LIMIT * 2] * 4 + [LIMIT * 0.9], CREDIT, MOST),
        ([LIMIT * 2, LIMIT * 2, LIMIT * 0.9], CREDIT, MOST),
        ([LIMIT * PART * 1.17, LIMIT * PART * 0.97], CREDIT, MOST),
        ([LIMIT * PART * 1.4], 0, MOST),
    ],
)
def test_the_verdict_falls_when_it_is_clear(ratios: list[float], credit: float, count: int) -> None:
    found = finding(ratios)
    assert (1 if found is None else found.credit) == credit
    assert found is None or found.verdict == "failed"
    assert pairs(ratios) == count


def test_what_only_the_margin_saves_passes_with_a_remark() -> None:
    found = finding([LIMIT * 0.95, LIMIT * 1.1, LIMIT * 1.15])
    assert found is not None
    assert (found.verdict, found.credit) == ("passed", 1)
    assert "in your favour" in found.message


def test_a_solution_half_again_too_slow_does_not_pass_by_one_lucky_pair() -> None:
    ratios = [LIMIT * 1.5, LIMIT * 0.8, LIMIT * 0.9, *[LIMIT * 1.5] * 12]
    found = finding(ratios)
    assert found is not None
    assert found.credit == CREDIT


@pytest.mark.parametrize("lost", [0.0, 0.01, 0.2])
@pytest.mark.parametrize("place", range(4))
def test_a_yardstick_whose_time_was_lost_counts_for_nothing(lost: float, place: int) -> None:
    yardsticks = [1.0] * 6
    yardsticks[place] = lost
    clocked = Clocked([LIMIT / 2], yardsticks=yardsticks)
    run = race(clocked, "f", lambda: [0], lambda a, r: None)
    # The very first cannot be told from a good one, and is left out anyway.
    assert max(run.ratios[1:]) == LIMIT / 2
    assert len(run.ratios) == 3


@pytest.mark.parametrize("lost", [1, 2, 5])
def test_times_that_nothing_can_take_count_for_nothing(lost: int) -> None:
    slow = Clocked([LIMIT * 2], yardsticks=[0.0] * lost + [1.0] * 20)
    assert race(slow, "f", lambda: [0], lambda a, r: None).exceeds(LIMIT)
    quick = Clocked([0.0] * lost + [LIMIT * 2] * 20)
    assert race(quick, "f", lambda: [0], lambda a, r: None).exceeds(LIMIT)
    right = Clocked([LIMIT / 3], yardsticks=[0.0] * lost + [1.0] * 20)
    assert len(race(right, "f", lambda: [0], lambda a, r: None).ratios) == 2


def test_a_clock_that_always_fails_ends_all_the_same() -> None:
    yardsticks = [1.0, *[0.0] * 200]
    clocked = Clocked([1.0], yardsticks=yardsticks)
    run = race(clocked, "f", lambda: [0], lambda a, r: None)
    assert len(run.ratios) <= 2 * MOST


def test_every_timed_result_is_verified() -> None:
    seen = []
    race(Clocked([1.0]), "f", lambda: [0], lambda a, r: seen.append(a))
    assert len(seen) == 2


def test_work_before_and_after_the_call_does_not_escape_the_clock() -> None:
    # Twice a pair: one argument goes in, one result comes out.
    assert finding([1.0], LIMIT * OUTSIDE / 2) is None
    for outside, credit in ((LIMIT, CREDIT), (LIMIT * PART, 0)):
        found = finding([1.0], outside)
        assert found is not None
        assert (found.verdict, found.credit) == ("failed", credit)
        assert "too slow" in found.message
