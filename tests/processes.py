"""Processes of this machine that a test has started, found by their parents."""

from __future__ import annotations

import time
from collections.abc import Iterable

import psutil

PATIENCE = 120.0
"""Seconds after which a process that should have ended is taken for an orphan."""


def descendants(pid: int) -> list[psutil.Process]:
    """All processes below ``pid``: its children, theirs, and so on. None when it has ended."""
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def expect_gone(processes: Iterable[psutil.Process]) -> None:
    """Wait until all ``processes`` have ended; fail when one goes on."""
    last = time.monotonic() + PATIENCE
    left = list(processes)
    while left := [process for process in left if _runs(process)]:
        assert time.monotonic() < last, f"still there: {left}"
        time.sleep(0.02)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
