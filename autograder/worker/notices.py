"""What workers try that they may not: asked by the kernel, refused, and remembered.

The seccomp filter of a worker has a *listener*, a descriptor that only the grader holds. Calls in
``seccomp.TOLD`` stop their thread until an answer comes through it. The answer is always no; that
it was asked is the kernel's word and cannot be forged or hidden by the submission.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct

from . import seccomp

__all__ = ["Notices"]

MOST = 1000
"""How many refused calls a worker may make; answering costs the grader time, too."""

# linux/seccomp.h: struct seccomp_notif (id, pid, flags, number, arch, address, six arguments) and
# struct seccomp_notif_resp (id, value, error, flags), and the two requests that carry them.
_NOTICE, _ANSWER = struct.Struct("<QIIiIQ6Q"), struct.Struct("<QqiI")
_RECEIVE, _SEND = 0xC0502100, 0xC0182101


class Notices:
    """The listener of one worker, whose process id (in its own namespace) is ``own``."""

    def __init__(self, listener: int, own: int) -> None:
        self._listener = listener
        self._own = own
        self._acts: dict[str, None] = {}
        self.count = 0

    def fileno(self) -> int:
        """The descriptor to poll: it is readable when a call waits for its answer."""
        return self._listener

    def answer(self) -> None:
        """Refuse one call that waits, and note what was tried."""
        import fcntl  # Windows has none, and no listeners either

        notice = bytearray(_NOTICE.size)
        try:
            fcntl.ioctl(self._listener, _RECEIVE, notice)
        except OSError:
            return  # its thread has ended meanwhile
        identity, _, _, number, _, _, *arguments = _NOTICE.unpack(notice)
        self.count += 1
        act = seccomp.act(number, arguments, self._own)
        if act:
            self._acts[act] = None
        with contextlib.suppress(OSError):
            answer = _ANSWER.pack(identity, 0, -errno.EPERM, 0)
            fcntl.ioctl(self._listener, _SEND, bytearray(answer))

    def take(self) -> list[str]:
        """What was tried since the last time this was asked, each act once."""
        acts = list(self._acts)
        self._acts.clear()
        return acts

    def close(self) -> None:
        """Let go of the listener; calls that come later fail at once."""
        if self._listener >= 0:
            os.close(self._listener)
            self._listener = -1
