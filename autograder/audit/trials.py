"""Handing in, and writing down what the grader found."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from ..grading import SuiteError, run_suites
from ..report import Verdict, is_waiting
from ..worker.host import Sandbox, SandboxedSubmission, WorkerFault, open_sandbox
from .handins import HandIn, Solution

__all__ = ["Check", "Plan", "Trial", "run", "try_one"]

TIMING = frozenset({"vectorized", "speed"})
"""The checks that a slow variant may fail. A wrong hand-in must fail another one, so that these are
not tried on it."""


@dataclass(frozen=True)
class Check:
    """What one check found. ``alone`` and ``suspect`` are the verdict and the known mistake that it
    named by itself, also where its points had to wait for another check. ``tried`` is false where
    it waited, and was not tried for itself either."""

    task: str
    name: str
    hidden: bool
    verdict: Verdict
    alone: Verdict
    mistake: str
    suspect: str
    message: str
    tried: bool = True
    yardsticks: float = 0.0


@dataclass(frozen=True)
class Trial:
    """One hand-in, graded once with one seed. ``every`` says whether checks that wait for another
    one were tried for themselves. ``lost`` gives the points that each task lost, where it did;
    ``fault`` is set when the grader failed, and then nothing else counts."""

    hand_in: HandIn
    seed: int
    every: bool
    checks: tuple[Check, ...] = ()
    lost: tuple[tuple[str, float], ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Plan:
    """How to run an audit: with ``jobs`` processes, ``busy`` idle loops beside them; with every
    task graded each time, or only those that a hand-in can touch."""

    solutions: Path
    jobs: int = 2
    busy: int = 0
    whole: bool = False


def try_one(
    box: Sandbox,
    solution: Solution,
    hand_in: HandIn,
    seed: int,
    *,
    every: bool = True,
    whole: bool = False,
) -> Trial:
    """Grade one hand-in in ``box``.

    Of a correct one its own task is graded: it may keep a cache that the model solution's other
    tasks cannot read. Of a wrong one, the tasks that need it are graded too, or with ``whole`` all.
    With ``every``, checks of its own task that wait for another one are tried for themselves.
    """
    tasks = set(solution.tasks)
    if hand_in.task and not whole:
        tasks = {hand_in.task}
        if hand_in.mistake:
            tasks |= solution.needing(hand_in.task)
    points = {t.task: (t.title, t.points) for t in solution.assignment.tasks if t.task in tasks}
    try:
        with SandboxedSubmission(box, solution.cells(hand_in)) as submission:
            submission.run()
            ledger = run_suites(
                submission,
                solution.assignment,
                True,
                seed,
                tasks,
                every={hand_in.task} if every else (),
                without=TIMING if hand_in.mistake else (),
            )
    except (WorkerFault, SuiteError) as error:
        return Trial(hand_in, seed, every, fault=str(error))
    checks = tuple(
        Check(
            e.task,
            e.name,
            e.hidden,
            e.verdict,
            e.alone,
            e.mistake,
            e.suspect,
            e.message,
            tried=e.alone != "not attempted" or not is_waiting(e.message),
            yardsticks=e.yardsticks,
        )
        for e in ledger.entries.values()
    )
    broken = [c for c in checks if "error" in (c.verdict, c.alone)]
    if broken:
        first = broken[0]
        return Trial(hand_in, seed, every, fault=f"{first.task}, {first.name}: {first.message}")
    lost = tuple(
        (report.task, round(report.max_points - report.points, 2))
        for report in ledger.tasks(points)
        if report.points < report.max_points
    )
    return Trial(hand_in, seed, every, checks, lost)


_box: Sandbox | None = None
_solutions: dict[str, Solution] = {}


def _start() -> None:
    global _box
    # An interrupt is the parent's to deal with.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _box = open_sandbox()


def _try(folder: Path, hand_in: HandIn, seed: int, every: bool, whole: bool) -> Trial:
    assert _box is not None
    name = hand_in.assignment
    if name not in _solutions:
        _solutions[name] = Solution(folder, name)
    trial = try_one(_box, _solutions[name], hand_in, seed, every=every, whole=whole)
    # What nobody reads is not sent back: sources are long, and trials many.
    return replace(
        trial,
        hand_in=replace(hand_in, source=""),
        checks=tuple(replace(c, message="") if hand_in.mistake else c for c in trial.checks),
    )


def run(
    plan: Plan, work: Sequence[tuple[HandIn, int, bool]], done: Callable[[Trial], None]
) -> list[Trial]:
    """Grade all of ``work``: hand-ins, each with a seed, and whether every check is tried for
    itself. ``done`` is called for each trial as it ends. An interrupt ends the run early. Raises
    :class:`~autograder.worker.sandbox.SandboxError` where there is no sandbox."""
    with open_sandbox():
        pass  # with a clear error here, not in every process
    trials: list[Trial] = []
    waiting = iter(work)
    with (
        _load(plan.busy),
        ProcessPoolExecutor(plan.jobs, get_context("spawn"), _start) as pool,
        contextlib.suppress(KeyboardInterrupt),
    ):
        pending: dict[Future[Trial], HandIn] = {}
        while True:
            # A few at a time, so that an interrupted audit ends soon.
            for hand_in, seed, every in waiting:
                future = pool.submit(_try, plan.solutions, hand_in, seed, every, plan.whole)
                pending[future] = hand_in
                if len(pending) >= 3 * plan.jobs:
                    break
            if not pending:
                break
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                trials.append(replace(future.result(), hand_in=pending.pop(future)))
                done(trials[-1])
    return trials


@contextlib.contextmanager
def _load(count: int) -> Iterator[None]:
    """``count`` processes that do nothing but keep the machine busy."""
    # They end with this process, however it ends.
    code = "import os\np = os.getppid()\nwhile os.getppid() == p:\n    sum(range(100_000))"
    spin = [sys.executable, "-I", "-S", "-c", code]
    busy = [subprocess.Popen(spin) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()
