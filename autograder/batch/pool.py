"""Running jobs side by side, in processes of this machine or on a cluster.

Both are a ``concurrent.futures.Executor``. What dies with a job in hand is replaced; the job is
tried again, alone, so that one which brings its process down cannot take others with it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import replace
from multiprocessing.queues import SimpleQueue
from typing import Any, Protocol

from ..worker.host import keep_to
from ..worker.sandbox import remove_left_behind
from .work import Done, Job, do, not_graded

__all__ = ["LocalProcesses", "Place", "run"]

MOST_ATTEMPTS = 3
"""How often a job is tried whose process dies, before it is *not graded*."""


class Place(Protocol):
    """Where jobs run. ``width`` is how many run at once; ``start`` gives a fresh executor."""

    @property
    def width(self) -> int: ...

    def start(self) -> contextlib.AbstractContextManager[Executor]: ...


class LocalProcesses:
    """``width`` processes of this machine, each with a sandbox of its own."""

    def __init__(self, width: int) -> None:
        self.width = width

    def _own_cores(self) -> list[int | None]:
        """The core that each process keeps to, where there are as many as processes.

        A grader and its worker take turns and never work at once. On one core, the turn passes
        without waking up another one, which takes longer than many a call; in a virtual machine
        above all. With fewer processes than cores, something else shall have the rest, and the
        system knows better where there is room.
        """
        if sys.platform == "linux":
            cores = sorted(os.sched_getaffinity(0))
            if len(cores) == self.width:
                return list(cores)
        return [None] * self.width

    @contextlib.contextmanager
    def start(self) -> Iterator[Executor]:
        """A pool. However it is left, its processes are gone."""
        with _one_blas_thread():
            context = multiprocessing.get_context("spawn")
            cores = context.SimpleQueue()
            for core in self._own_cores():
                cores.put(core)
            pool = ProcessPoolExecutor(self.width, context, prepare_process, (cores,))
            before = set(multiprocessing.active_children())
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                mine = set(multiprocessing.active_children()) - before
                for process in mine:
                    process.kill()
                for process in mine:
                    process.join()
                remove_left_behind()
                raise
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


@contextlib.contextmanager
def _one_blas_thread() -> Iterator[None]:
    """Processes that start meanwhile compute with one thread each; together they use all cores."""
    name = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def prepare_process(cores: SimpleQueue[int | None] | None = None) -> None:
    """What a process of a pool does first: leave interrupts to its parent, and end with it.

    ``cores`` holds for each process the core that it and its workers keep to, or None.
    """
    core = None if cores is None else cores.get()
    if core is not None:
        keep_to({core}, [0])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        # A pool's process waits for work at a pipe that it holds open itself.
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def run(jobs: Iterable[Job], place: Place, done: Callable[[Done], None]) -> None:
    """Do all ``jobs`` at ``place``; ``done`` is called in this thread for each as it ends.

    Only a few jobs are under way at a time, so a class of any size takes the same memory. Whatever
    happens to a process, each job ends with a report.
    """
    waiting = iter(jobs)
    suspects: deque[Job] = deque()
    while True:
        pending: dict[Future[Done], Job] = {}
        with place.start() as executor:
            if not _work(executor, place.width, waiting, suspects, pending, done):
                return
        for job in pending.values():
            tried = replace(job, attempts=job.attempts + 1)
            if tried.attempts < MOST_ATTEMPTS:
                suspects.append(tried)
            else:
                done(Done(not_graded(tried, f"its process died {MOST_ATTEMPTS} times")))


def _work(
    executor: Executor,
    width: int,
    waiting: Iterator[Job],
    suspects: deque[Job],
    pending: dict[Future[Done], Job],
    done: Callable[[Done], None],
) -> bool:
    """Work until nothing waits. True when the executor broke; ``pending`` then holds what it had.

    Those that were at work when a process died are tried one by one.
    """

    def submit(job: Job) -> bool:
        try:
            future = executor.submit(do, job)
        except BrokenExecutor:
            suspects.appendleft(job)
            return False
        pending[future] = job
        return True

    while True:
        if suspects and not pending and not submit(suspects.popleft()):
            return True
        while not suspects and len(pending) < 3 * width:
            job = next(waiting, None)
            if job is None:
                break
            if not submit(job):
                return True
        if not pending:
            return False
        for future in wait(pending, return_when=FIRST_COMPLETED).done:
            job = pending[future]
            try:
                result = future.result()
            except BrokenExecutor:
                return True
            except Exception as error:  # of a cluster: whatever its machines say
                result = Done(not_graded(job, f"{type(error).__name__}: {error}"))
            del pending[future]
            done(result)
