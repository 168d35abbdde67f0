"""Counting what an audit found, by task, and saying what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .handins import HandIn, Solution
from .trials import TIMING, Trial

__all__ = ["NAMED_AT_LEAST", "Share", "Tally", "named", "tally"]

NAMED_AT_LEAST = 0.9
"""The share of known mistakes that must be named right on inputs that are fresh in every run."""


@dataclass
class Share:
    """``good`` of ``all``."""

    good: int = 0
    all: int = 0

    def count(self, good: bool) -> None:
        """Count one more."""
        self.good += good
        self.all += 1

    @property
    def share(self) -> float:
        """From 0 to 1; 1 of nothing."""
        return self.good / self.all if self.all else 1.0

    def __add__(self, other: Share) -> Share:
        return Share(self.good + other.good, self.all + other.all)

    def __str__(self) -> str:
        return f"{self.good}/{self.all}" if self.all else "–"


@dataclass
class Tally:
    """What was counted for one task, in trials: a hand-in graded once.

    ``caught``: known mistakes that lost points for it. ``named``: those whose report names them.
    ``fresh``: those named by hidden checks, whose inputs are new in each run, of all that failed
    one. ``specimens`` and ``recognised``: specimens caught, and named. ``failed``: correct variants
    that lost points. ``slow``: slow variants that lost points for that alone. ``only`` gives for
    each check the wrong hand-ins that no other check of the task notices, and ``catches`` how many
    it notices at all.
    """

    task: str
    caught: Share = field(default_factory=Share)
    named: Share = field(default_factory=Share)
    fresh: Share = field(default_factory=Share)
    specimens: Share = field(default_factory=Share)
    recognised: Share = field(default_factory=Share)
    failed: Share = field(default_factory=Share)
    slow: Share = field(default_factory=Share)
    catches: Counter[str] = field(default_factory=Counter)
    only: dict[str, set[str]] = field(default_factory=dict)

    @property
    def idle(self) -> list[str]:
        """The checks that catch nothing of their own, of those that anything was handed in for."""
        asked = [name for name in self.only if (self.slow if name in TIMING else self.caught).all]
        return [name for name in asked if not self.only[name]]


def named(trial: Trial, *, fresh: bool = False) -> str:
    """The known mistake that a trial's report names most often, '' if it names none.

    With ``fresh``, by the hidden checks alone, each tried for itself.
    """
    found: Counter[str] = Counter()
    for check in trial.checks:
        if check.task != trial.hand_in.task:
            continue
        name = check.mistake
        if fresh:
            name = check.suspect if check.hidden else ""
        if name:
            found[name] += 1
    return found.most_common(1)[0][0] if found else ""


def tally(
    trials: Sequence[Trial],
    solutions: Mapping[str, Solution],
    named_at_least: float = NAMED_AT_LEAST,
) -> tuple[dict[str, Tally], list[str]]:
    """The counts by task, in the order of the course; and what is wrong, a line each.

    ``named_at_least`` is the share of known mistakes that must be named on fresh inputs.
    """
    counts = {task: Tally(task) for solution in solutions.values() for task in solution.tasks}
    problems = []
    for trial in trials:
        problems += [f"{describe(trial.hand_in)}: {text}" for text in _count(trial, counts)]
        if trial.hand_in.mistake:
            mine = {trial.hand_in.task}
            allowed = mine | solutions[trial.hand_in.assignment].needing(trial.hand_in.task)
            spilled = [task for task, _ in trial.lost if task not in allowed]
            if spilled:
                problems.append(
                    f"{describe(trial.hand_in)}: loses points in {', '.join(spilled)} too"
                )
    every = sum((count.fresh for count in counts.values()), Share())
    if every.share < named_at_least:
        problems.append(f"only {every.share:.1%} of the known mistakes are named on fresh inputs")
    return counts, list(dict.fromkeys(problems))


def describe(hand_in: HandIn) -> str:
    """A hand-in in words."""
    return f"{hand_in.kind} {hand_in.task or hand_in.assignment} {hand_in.name}"


def _count(trial: Trial, counts: Mapping[str, Tally]) -> list[str]:
    """Count one trial; say what is wrong about it."""
    hand_in = trial.hand_in
    if trial.fault:
        return [f"the grader failed: {trial.fault}"]
    lost = dict(trial.lost)
    if not hand_in.task:
        for task, points in lost.items():
            counts[task].failed.count(True)
            return [f"is right, but lost {points:g} points in {task}: {_why(trial, task)}"]
        return []
    count = counts[hand_in.task]
    mine = [check for check in trial.checks if check.task == hand_in.task]
    failing = {check.name for check in mine if check.tried and check.alone != "passed"}
    for check in mine:
        count.only.setdefault(check.name, set())
    if hand_in.kind == "variant":
        failed = hand_in.task in lost
        count.failed.count(failed)
        return [f"is right, but lost points: {_why(trial, hand_in.task)}"] if failed else []
    if trial.every:
        count.catches.update(failing)
        if len(failing) == 1:
            count.only[next(iter(failing))].add(hand_in.name)
    if hand_in.kind == "slow":
        right = bool(failing) and failing <= TIMING
        count.slow.count(right)
        return [] if right else [f"is slow, but fails {sorted(failing) or 'nothing'}"]
    caught = bool(failing - TIMING) and hand_in.task in lost
    recognised = named(trial) == hand_in.mistake
    if hand_in.kind == "specimen":
        count.specimens.count(caught)
        count.recognised.count(recognised)
    else:
        count.caught.count(caught)
        count.named.count(recognised)
        if trial.every and any(check.hidden and check.alone != "passed" for check in mine):
            count.fresh.count(named(trial, fresh=True) == hand_in.mistake)
    return [] if caught else [f"is wrong, but fails {sorted(failing) or 'nothing'}"]


def _why(trial: Trial, task: str) -> str:
    """What the first check said that did not pass."""
    for check in trial.checks:
        if check.task == task and check.verdict != "passed":
            said = check.message.splitlines()[-1] if check.message else ""
            measured = f" (measured: {check.yardsticks:g})" if check.yardsticks else ""
            return f"{check.name}: {said}{measured}"
    return ""
