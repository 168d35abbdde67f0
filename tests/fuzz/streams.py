"""A submission whose worker answers every request with a hostile stream."""

from __future__ import annotations

import contextlib
import math
import random
import socket
import threading
from collections import deque
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from autograder.report import Finding
from autograder.worker import host, wire
from autograder.worker.host import Sandbox, Submission, _Died, _Worker

from .frames import frame

__all__ = ["Hostile", "ask", "outcome"]

ASKED = ("call", "look", "trace", "time", "put", "get", "ahead", "cell")

_ALLOWED = (type(None), bool, int, float, str)


class _Owner:
    """Stands for the sandbox that a worker belongs to."""

    level = "landlock"
    generation = 1
    layout = SimpleNamespace(settings={"seccomp": ""})

    def _reap(self, pid: int) -> int:
        return 9


class _Bodiless(_Worker):
    """A worker without a process: nobody introduces itself, and no CPU time passes."""

    def _introduce(self) -> int:
        return 0

    def cpu_time(self) -> float:
        return 0.0


SMALL = 32 << 10


def _say(sock: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)


class Hostile(Submission):
    """Its worker has no process: what it says is made by :func:`frames.frame`."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.sent = b""
        self.ahead: deque[Any] = deque()

    def _cpu_time(self) -> float:
        return 0.0

    def _ask(
        self,
        header: Mapping[str, Any],
        payload: list[bytes],
        function: str = "",
        seconds: float | None = None,
    ) -> Any:
        if self.ahead:
            return self.ahead.popleft()
        ours, theirs = socket.socketpair()
        worker = _Bodiless(cast(Sandbox, _Owner()), ours, 0, "/nowhere")
        nonces: list[str] = []

        def token(count: int) -> str:
            nonces.append(self._rng.randbytes(count).hex())
            return nonces[-1]

        before, host.secrets.token_hex = host.secrets.token_hex, token  # type: ignore[assignment]
        killed, host.os.kill = host.os.kill, lambda *_: None  # type: ignore[assignment]
        try:
            # The nonce is the next one that the generator gives; a worker knows it in time, too.
            state = self._rng.getstate()
            nonce = self._rng.randbytes(8).hex()
            self.sent = frame(self._rng, nonce)
            after = self._rng.getstate()
            self._rng.setstate(state)
            if len(self.sent) < SMALL:
                _say(theirs, self.sent)
            else:  # more than a socket holds: it goes on while the grader reads
                threading.Thread(target=_say, args=(theirs, self.sent), daemon=True).start()
            return worker.request(header, payload, 1.0, 1.0)
        except _Died as death:
            raise Finding(str(death), verdict=death.verdict) from None
        finally:
            self._rng.setstate(after)
            host.secrets.token_hex, host.os.kill = before, killed
            theirs.close()
            ours.close()


def ask(submission: Hostile, operation: str) -> Any:
    """Use the submission as a check, or as the run of a notebook, does."""
    if operation == "call":
        return submission.call("f", np.zeros(2))
    if operation == "look":
        return submission.call_and_look("f", np.zeros(2), keep=(1,))
    if operation == "trace":
        traced = submission.trace("f", 1)
        assert type(traced.opcodes) is int
        assert 0 <= traced.opcodes < 1 << 53  # it is divided, and float must hold it
        assert all([*map(type, line)] == [str, int, int] for line in traced.lines)
        assert all(len(text) <= 200 and count < 1 << 53 for text, _, count in traced.lines)
        return None
    if operation == "time":
        return submission.time("f").handle
    if operation == "put":
        return submission.put(1)
    if operation == "get":
        return submission.get(wire.Handle(1))
    if operation == "ahead":
        request = {"op": "calls", "function": "f", "calls": []}
        submission.ahead.extend(host._replies(submission._ask(request, [])))
        values = []
        while submission.ahead:
            values.append(submission.call("f", 1))
        return values
    reply = submission._ask({"op": "cell", "source": "", "label": "cell 1"}, [])
    try:
        result = host._cell_result("cell 1", reply)
    except wire.MalformedFrame as error:  # as SandboxedSubmission takes it
        raise Finding(str(error), verdict="crashed") from None
    assert type(result.output) is str
    assert len(result.output) + len(result.message) < 70_000
    assert all(figure.startswith(host.PNG) for figure in result.figures)
    return result.number


def outcome(submission: Hostile, operation: str) -> str:
    """What asking came to: ``value``, or the verdict. Raises for anything that must not be."""
    try:
        value = ask(submission, operation)
    except Finding as finding:
        problem = finding
    else:
        _check(value, 0)
        return "value"
    problem.message.encode("utf-8")
    assert len(problem.message) < 8_000
    return problem.verdict


def _check(value: Any, depth: int) -> None:
    """Raise unless ``value`` is made of what may come out of a worker."""
    kind = type(value)
    assert depth < 20
    if kind in (tuple, list):
        for item in value:
            _check(item, depth + 1)
    elif kind is dict:
        for key, item in value.items():
            assert type(key) in (str, int, bool)
            _check(item, depth + 1)
    elif kind is np.ndarray:
        assert value.dtype.kind in "biufc"
        assert value.flags.c_contiguous
        assert value.flags.owndata or value.base is None or value.base.flags.owndata
        assert math.prod(value.shape) == value.size
    elif isinstance(value, np.generic):
        assert value.dtype.kind in "biufc"
    elif kind in (wire.Handle, wire.Foreign, wire.Named, wire.Trusted):
        pass
    else:
        assert kind in _ALLOWED, kind
