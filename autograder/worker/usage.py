"""What a worker uses of the machine that no limit of the kernel's counts for it.

``RLIMIT_NPROC`` does not bind root, and counts all processes of a user otherwise; ``RLIMIT_FSIZE``
is for one file. So the grader looks, several times a second while it waits for an answer.
"""

from __future__ import annotations

import contextlib
import os
import stat

from ..language import say

__all__ = ["MAX_BYTES", "MAX_ENTRIES", "MAX_THREADS", "excess"]

MAX_THREADS = 64
"""Threads of one worker. Nothing that a notebook needs makes more than a few."""

MAX_BYTES = 512 << 20
"""Bytes on disk of one worker, also those of files that it removed and still holds open."""

MAX_ENTRIES = 5_000
"""Files and folders of one worker."""


def excess(pid: int, folder: str) -> str:
    """What the worker ``pid`` has too much of, as a sentence, or nothing. ``folder`` is its own."""
    with contextlib.suppress(OSError):
        if len(os.listdir(f"/proc/{pid}/task")) > MAX_THREADS:
            return say("It started more than {count} threads.", count=MAX_THREADS)
    entries, used = _tree(folder)
    if entries > MAX_ENTRIES:
        return say("It made more than {count:,} files.", count=MAX_ENTRIES)
    if used + _removed(pid) > MAX_BYTES:
        return say("It wrote more than {mebibytes} MiB of files.", mebibytes=MAX_BYTES >> 20)
    return ""


def _tree(folder: str) -> tuple[int, int]:
    """How many entries are below ``folder``, and their bytes on disk; stops at the limits."""
    entries = used = 0
    waiting = [folder]
    while waiting and entries <= MAX_ENTRIES and used <= MAX_BYTES:
        # What is made and removed while this looks is counted the next time.
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as listing:
            for entry in listing:
                entries += 1
                with contextlib.suppress(OSError):
                    used += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                if entries > MAX_ENTRIES:
                    break
    return entries, used


def _removed(pid: int) -> int:
    """Bytes on disk of files that ``pid`` holds open after their last name has gone."""
    used = 0
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                found = os.stat(f"/proc/{pid}/fd/{name}")
                if stat.S_ISREG(found.st_mode) and found.st_nlink == 0:
                    used += found.st_blocks * 512
    return used
