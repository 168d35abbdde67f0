"""Grading a mutant: its operators handed in as a student's tasks, in a child with a time limit."""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import json
import math
import os
import resource
import selectors
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.assignments import find
from autograder.audit.adapters import as_task
from autograder.audit.handins import Solution, protocol_of
from autograder.audit.trials import TIMING
from autograder.grading import run_suites
from autograder.suites.calling import Call
from autograder.worker.host import LiveSubmission

from .mutants import MODULES, Mutant, Target, implements, load, original

__all__ = ["Outcome", "Trial", "grade", "run"]

SEED = 7
"""Of the hidden checks' inputs. Their shapes are the same for every seed."""

SOLUTIONS = Path(__file__).parents[2] / "solutions"

SECONDS = 5
"""CPU time of a child above what the unchanged operators take. A mutant that loops for ever costs
as much; one that ends takes hardly longer than they do."""

PYTEST_OPTIONS = "--exitfirst"
"""One failed check is enough."""

PATIENCE = 20
"""How many times as much a child may take by the clock, on a busy machine; one may also wait."""

MEMORY = 4 << 30
"""Address space of a child: a mutant may ask for an array of any size."""

FAILED = 70
"""Exit code of a child that could not do its work, which is nobody's success."""

Operators = Mapping[str, Mapping[str, Callable[..., Any]]]


@dataclass
class Outcome:
    """What became of one target: the first check that did not pass, or how the child ended.

    ``killed_by`` is empty where nothing was noticed. ``fault`` is the text of an error of the kit
    itself, which is no success of the suites.
    """

    target: Target
    killed_by: str = ""
    fault: str = ""


@dataclass
class Trial:
    """A mutant and what has become of its targets so far."""

    mutant: Mutant
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def killed(self) -> bool:
        return any(outcome.killed_by for outcome in self.outcomes)

    @property
    def waiting(self) -> tuple[Target, ...]:
        return self.mutant.reached[len(self.outcomes) :]


def grade(target: Target, operators: Operators) -> Outcome:
    """Hand in the operator of ``target`` as its task, in this process."""
    assignment = target.assignment
    protocol, reference = protocol_of(assignment), original(assignment).OPERATORS
    task = protocol.task_of(implements(target))
    call = protocol[task]
    space = {**_model(assignment), task: _as_task(operators[assignment][target.operator], call)}
    if call.forward and call.own_cache:
        # The cache comes from a right forward pass: the backward pass is graded by itself.
        forward = protocol[call.forward]
        space[call.forward] = _as_task(reference[forward.operator], forward)
    ledger = run_suites(LiveSubmission(space), find(assignment), True, SEED, [task], without=TIMING)
    wrong = [entry for entry in ledger.entries.values() if entry.verdict != "passed"]
    faults = [f"{entry.name}: {entry.message}" for entry in wrong if entry.verdict == "error"]
    # A check that comes after the first failed one has not been attempted.
    wrong.sort(key=lambda entry: entry.verdict == "not attempted")
    killed_by = wrong[0].name if wrong and not faults else ""
    return Outcome(target, killed_by, "; ".join(faults))


@functools.cache
def _model(assignment: str) -> dict[str, Any]:
    """The functions of the model solution."""
    space: dict[str, Any] = {}
    for cell in Solution(SOLUTIONS, assignment).cells():
        exec(cell.source, space)
    return space


def _as_task(function: Callable[..., Any], call: Call) -> Callable[..., Any]:
    """``function`` of an operator as a student's task."""
    state = None
    if call.state is not None:
        names = list(inspect.signature(function).parameters)
        state = names.index(call.state[0]), call.state[1]
    task: Callable[..., Any] = as_task(
        function,
        backward=bool(call.forward),
        returns_cache=call.cache is not None,
        state=state,
        trusted=call.trusted,
    )
    return task


def warm_up(targets: Iterable[Target]) -> dict[Target, float]:
    """Grade the unchanged operators, which must pass; what each takes in CPU seconds.

    Besides, this imports here what each child would have to import for itself.
    """
    taken = {}
    for target in targets:
        spent = resource.getrusage(resource.RUSAGE_SELF)
        outcome = grade(target, {name: original(name).OPERATORS for name in MODULES})
        if outcome.killed_by or outcome.fault:
            raise RuntimeError(f"{target.operator} is right, but {outcome}")
        now = resource.getrusage(resource.RUSAGE_SELF)
        taken[target] = now.ru_utime - spent.ru_utime + now.ru_stime - spent.ru_stime
    return taken


def _at_home(mutant: Mutant) -> Mutant:
    own = tuple(target for target in mutant.reached if target.assignment == mutant.module)
    return replace(mutant, reached=own or mutant.reached)


@dataclass
class _Child:
    trial: Trial
    pid: int
    said: bytes = b""


def run(mutants: Iterable[Mutant], jobs: int = 1, every: bool = False) -> Iterator[Trial]:
    """Try the mutants, ``jobs`` at a time; give each when it is done.

    A mutant is done when one of its targets is killed, or with ``every`` when all have been tried
    that belong to its own assignment.
    """
    mutants = [_at_home(mutant) for mutant in mutants] if every else list(mutants)
    taken = warm_up(dict.fromkeys(target for mutant in mutants for target in mutant.reached))
    # Every run of pytest collects garbage several times; what is here already is none.
    gc.freeze()
    try:
        yield from _run([Trial(mutant) for mutant in mutants], taken, jobs, every)
    finally:
        gc.unfreeze()


def _run(
    trials: Iterable[Trial], taken: Mapping[Target, float], jobs: int, every: bool
) -> Iterator[Trial]:
    ahead = list(trials)[::-1]
    with selectors.DefaultSelector() as selector:
        while ahead or selector.get_map():
            while ahead and len(selector.get_map()) < jobs:
                trial = ahead.pop()
                seconds = SECONDS + 2 * sum(taken[target] for target in trial.waiting)
                pid, pipe = _fork(trial, every, math.ceil(seconds))
                selector.register(pipe, selectors.EVENT_READ, _Child(trial, pid))
            for key, _ in selector.select():
                child: _Child = key.data
                if part := os.read(key.fd, 1 << 16):
                    child.said += part
                    continue
                selector.unregister(key.fd)
                os.close(key.fd)
                _, status = os.waitpid(child.pid, 0)
                _note(child, status, every)
                if child.trial.waiting and (every or not child.trial.killed):
                    ahead.append(child.trial)
                else:
                    yield child.trial


def _note(child: _Child, status: int, every: bool) -> None:
    """Add to a trial what its child has said, and how it ended if it did not say all."""
    trial = child.trial
    for line in child.said.splitlines():
        killed_by, fault = json.loads(line)
        trial.outcomes.append(Outcome(trial.waiting[0], killed_by, fault))
    if not trial.waiting or (trial.killed and not every):
        return
    target = trial.waiting[0]
    if status == FAILED << 8:
        trial.outcomes.append(Outcome(target, fault="the child failed"))
    elif not os.WIFSIGNALED(status):
        trial.outcomes.append(Outcome(target, "it ended the process"))
    elif os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL):
        trial.outcomes.append(Outcome(target, "timeout"))
    else:
        trial.outcomes.append(Outcome(target, signal.Signals(os.WTERMSIG(status)).name))


def _fork(trial: Trial, every: bool, seconds: int) -> tuple[int, int]:
    """Try what a trial has ahead in a child; its process id and the pipe on which it tells."""
    pipe, theirs = os.pipe()
    pid = os.fork()
    if pid:
        os.close(theirs)
        return pid, pipe
    code = FAILED
    try:
        os.close(pipe)
        _confine(seconds)
        _speak(theirs, trial, every)
        code = 0
    finally:
        # Nothing of the parent's may run here: no buffers, no handlers, no progress bar.
        os._exit(code)


def _confine(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE * seconds)
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    os.environ["PYTEST_ADDOPTS"] = PYTEST_OPTIONS


def _speak(pipe: int, trial: Trial, every: bool) -> None:
    """Write a line for each target until one is killed, or with ``every`` for all of them."""
    with os.fdopen(pipe, "w") as out:
        operators = None
        with contextlib.suppress(Exception):
            operators = load(trial.mutant)
        for target in trial.waiting:
            try:
                outcome = grade(target, operators) if operators else Outcome(target, "import")
            except Exception:
                outcome = Outcome(target, fault=traceback.format_exc(limit=-3))
            out.write(json.dumps([outcome.killed_by, outcome.fault]) + "\n")
            out.flush()
            if outcome.killed_by and not every:
                return
