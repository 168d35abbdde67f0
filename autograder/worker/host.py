"""The outer end of the pipe: starting workers, and talking to a submission.

A check sees only :class:`Submission`: it calls the student's functions as if they were here and
gets plain values, or a :class:`~autograder.report.Finding` that says what went wrong. Where the
code runs (a worker, or the live kernel of a notebook) makes no difference to it.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib
import importlib.util
import json
import math
import os
import re
import secrets
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from ..language import say
from ..notebook import printable
from ..report import Finding, Refused, Verdict, plain
from ..settings import settings
from . import memory, probe, sandbox, usage, wire
from .guest import MAX_FIGURE_BYTES, MAX_FIGURES, MAX_REACHED, Guest
from .notices import MOST as MOST_REFUSED
from .notices import Notices
from .sandbox import LEVELS, Layout, Level, SandboxError
from .shortcuts import SHORTCUTS

__all__ = [
    "Cell",
    "CellResult",
    "Cost",
    "Limits",
    "LiveSubmission",
    "Sandbox",
    "SandboxedSubmission",
    "Submission",
    "Timed",
    "Traced",
    "WorkerFault",
    "keep_to",
    "live_clock",
    "open_sandbox",
    "start",
    "try_acts",
]

START_UP = 60.0
"""Seconds that a zygote may take to start; importing NumPy and matplotlib on a busy machine."""


PNG = b"\x89PNG\r\n\x1a\n"

MOST_TURNS = 200
"""For how many submissions one worker measures the yardstick, before a fresh one takes over."""

FORESEEN_SECONDS = 1.5
"""CPU time in which calls that are made ahead must come back; the worker leaves off after much less
by itself, so that only a call that goes on and on is stopped by this, and made again alone."""

FORESEEN_BYTES = 1 << 20
"""The most bytes of arguments that are sent ahead."""

MAX_REFUSED = 50
"""How many different acts of one submission are kept for its report."""

_REACHED = re.compile(r"(read|write|list|enter|remove|change|make|link to) /.{0,200}", re.DOTALL)


class WorkerFault(Exception):
    """The kit or the machine failed, not the submission: nothing may be graded by this."""


@dataclass(frozen=True)
class Limits:
    """How long a submission may take, in seconds.

    CPU time decides, because it does not depend on what else the machine does; a call that waits
    without working is stopped after ``patience`` times as much wall time. ``total`` is the CPU time
    of one submission altogether, and ``patience`` times as much is its wall time; ``deaths`` is how
    often its worker is replaced.
    """

    cell: float = 10.0
    call: float = 5.0
    patience: float = 4.0
    total: float = 300.0
    deaths: int = 12
    deadly_cells: int = 4

    @classmethod
    def chosen(cls) -> Limits:
        """The limits of this course."""
        limits = settings().limits
        return cls(cell=limits.cell, call=limits.call, total=limits.total)


@dataclass(frozen=True)
class Cell:
    """A code cell to run: ``label`` names it in messages (``cell 7``)."""

    label: str
    source: str


@dataclass(frozen=True)
class Cost:
    """What running one cell took: seconds of CPU time, and bytes of memory that its worker had
    asked for at most until then, 0 where the system does not tell."""

    seconds: float
    memory: int


@dataclass(frozen=True)
class CellResult:
    """What running one cell gave. ``status`` is ``ok``, ``not run``, or a verdict."""

    label: str
    status: str = "ok"
    message: str = ""
    output: str = ""
    number: float | None = None
    figures: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Traced:
    """How many opcodes a call executed, and the busiest lines: ``(text, line, times run)``.

    ``shortcuts`` are the keys of :data:`~autograder.worker.shortcuts.SHORTCUTS` it makes use of.
    """

    opcodes: int
    spent: bool
    disturbed: bool
    lines: tuple[tuple[str, int, int], ...]
    shortcuts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timed:
    """A call's result, still inside, and the CPU time it took in seconds."""

    handle: wire.Handle
    seconds: float


@dataclass(frozen=True)
class _Reply:
    header: dict[str, Any]
    payload: bytes | memoryview
    charge: Callable[[float], None] = lambda seconds: None

    def value(self, name: str = "value") -> Any:
        """What is sent under ``name``. Raises a :class:`Finding` when that is no value."""
        started = time.process_time()
        try:
            return wire.decode(self.header.get(name), self.payload)
        except wire.MalformedFrame as error:
            raise _disturbed(str(error)) from None
        finally:
            self.charge(time.process_time() - started)

    def text(self, name: str, most: int) -> str:
        """At most ``most`` characters of a text; nothing where it is none."""
        return _text(self.header.get(name), most)


def _text(value: Any, most: int) -> str:
    return plain(value[:most]) if type(value) is str else ""


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < 1 << 53


def _is_exception(name: str) -> bool:
    kind = vars(builtins).get(name)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _disturbance(how: str = "") -> str:
    if how:
        return say("It disturbed the grader's connection: {how}.", how=how)
    return say("It disturbed the grader's connection.")


def _disturbed(how: str = "") -> Finding:
    return Finding(_disturbance(how), verdict="crashed")


class _Died(Exception):
    """A worker has ended. ``outside`` says that something else than the submission ended it, and
    ``stopped`` after how many seconds we did."""

    def __init__(
        self,
        verdict: Verdict,
        message: str,
        *,
        outside: bool = False,
        stopped: float | None = None,
    ) -> None:
        super().__init__(message)
        self.verdict: Verdict = verdict
        self.outside = outside
        self._stopped = stopped

    def of(self, what: str) -> str:
        """The message, where ``what`` was at work."""
        if self._stopped is not None:
            return say(
                "{what} was stopped after {seconds:g} seconds.", what=what, seconds=self._stopped
            )
        return f"{what}: {self}"


class _Worker:
    """One forked process and the socket to it."""

    def __init__(self, owner: Sandbox, sock: socket.socket, inner_pid: int, folder: str) -> None:
        self._owner = owner
        self._sock = sock
        self._inner_pid = inner_pid
        self._zygote = owner.generation
        self._folder = folder
        self._notices: Notices | None = None
        self.pid = inner_pid
        self.alive = True
        self._stopped = False
        self._spent = 0.0
        try:
            self.pid = self._introduce()
        except (OSError, wire.DeadlinePassed, _Died) as error:
            self.close()
            raise WorkerFault(f"a new worker did not answer: {error}") from None
        if owner.level == "bubblewrap":
            # Its file system is another one, and this is the way into it.
            self._folder = f"/proc/{self.pid}/root{folder}"

    def _introduce(self) -> int:
        """Wait until it has confined itself and is ready; return its process id out here."""
        self._sock.settimeout(START_UP)
        pid, _ = self._byte("it did not come to life")
        if sys.platform == "linux":
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
            # When the machine runs out of memory, the kernel shall take this one and not us.
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/oom_score_adj").write_text("1000")
        _, listener = self._byte("it could not confine itself")
        if listener is not None:
            self._notices = Notices(listener, self._inner_pid)
        self._await(time.monotonic() + START_UP, lambda: False)
        self._byte("it could not set itself up")
        self._sock.settimeout(None)
        return pid

    def _byte(self, otherwise: str) -> tuple[int, int | None]:
        """Receive one ``!`` of a worker that is still ours: its process id as the kernel vouches
        for it, and a descriptor if it sent one."""
        space = socket.CMSG_SPACE(12) + socket.CMSG_SPACE(4)
        data, ancillary, _, _ = self._sock.recvmsg(1, space)
        pid, descriptor = self._inner_pid, None
        for _, kind, body in ancillary:
            if kind == socket.SCM_RIGHTS:
                (descriptor,) = struct.unpack("i", body[:4])
            elif sys.platform == "linux" and kind == socket.SCM_CREDENTIALS:
                (pid,) = struct.unpack("i", body[:4])
        if data != b"!":
            raise OSError(otherwise)
        return pid, descriptor

    def request(
        self, header: Mapping[str, Any], payload: list[bytes], seconds: float, patience: float
    ) -> _Reply:
        """Send a request and wait for its reply; raises :class:`_Died`."""
        nonce = secrets.token_hex(8)
        self.resume()
        limit = self.cpu_time() + seconds
        last = time.monotonic() + seconds * patience
        try:
            wire.send(self._sock, {**header, "nonce": nonce}, payload, last)
            while True:
                self._await_reply(limit, last)
                reply, data = wire.receive(self._sock, max(last, time.monotonic() + 10.0))
                if "callback" not in reply:
                    break
                # What we compute for it counts as its own work, and not as waiting.
                spent, waited = self._call_back(reply, data, _gives_layers(header))
                limit, last = limit - spent, last + waited
                if self.cpu_time() > limit or time.monotonic() > last:
                    raise wire.DeadlinePassed
        except wire.DeadlinePassed:
            self.close()
            text = say("It was stopped after {seconds:g} seconds.", seconds=seconds)
            raise _Died("timeout", text, stopped=seconds) from None
        except wire.ConnectionLost:
            raise self._obituary() from None
        except wire.MalformedFrame as error:
            self.close()
            raise _Died("crashed", _disturbance(str(error))) from None
        if reply.get("nonce") != nonce or reply.get("status") != "ok":
            self.close()
            raise _Died("crashed", _disturbance())
        return _Reply(reply, data)

    def _await_reply(self, limit: float, last: float) -> None:
        self._await(last, lambda: self.cpu_time() > limit)

    def _await(self, last: float, spent: Callable[[], bool]) -> None:
        """Wait until it says something; refuse what it tries meanwhile.

        Raises :class:`wire.DeadlinePassed` at ``last``, or when ``spent`` says so, and
        :class:`_Died` when it uses more of the machine than it may.
        """
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        if self._notices is not None:
            poll.register(self._notices, select.POLLIN)
        looked = time.monotonic()
        while True:
            for descriptor, event in poll.poll(200):
                if descriptor == self._sock.fileno():
                    return
                assert self._notices is not None
                if event & select.POLLIN:
                    self._notices.answer()
                else:  # all its threads have ended
                    poll.unregister(descriptor)
            now = time.monotonic()
            if now - looked < 0.2:
                continue
            looked = now
            if now > last or spent():
                raise wire.DeadlinePassed
            excess = usage.excess(self.pid, self._folder)
            if self._notices is not None and self._notices.count > MOST_REFUSED:
                excess = say(
                    "It tried what is refused more than {count:,} times.", count=MOST_REFUSED
                )
            if excess:
                self.close()
                raise _Died("crashed", excess)

    @property
    def is_told(self) -> bool:
        """Whether the kernel says here what it tries."""
        return self._notices is not None

    def acts(self) -> list[str]:
        """What it tried since the last time and may not, as the kernel says."""
        return [] if self._notices is None else self._notices.take()

    def _call_back(
        self, header: Mapping[str, Any], payload: bytes | memoryview, allowed: bool
    ) -> tuple[float, float]:
        """Compute a trusted layer for the worker; CPU and wall seconds that this side worked."""
        started, start_cpu = time.monotonic(), time.process_time()
        answer: dict[str, Any]
        attachments: list[bytes] = []
        try:
            layers = _trusted_layers()
            if not allowed or layers is None:
                raise ValueError("the kit's layers are not given to this task")
            name, arguments = header["callback"], wire.decode(header.get("arguments"), payload)
            value = layers.answer(name, arguments)
            answer = {"value": wire.encode(value, attachments)}
        except ValueError as error:
            answer = {"refused": str(error)[:500]}
        spent, worked = time.process_time() - start_cpu, time.monotonic() - started
        wire.send(self._sock, answer, attachments, time.monotonic() + 10.0)
        return spent, worked

    def _obituary(self) -> _Died:
        status = self.close()
        if status is None:
            return _Died("crashed", say("Its process ended."))
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            if number == signal.SIGXCPU:
                return _Died("timeout", say("It used up its CPU time."))
            if number == signal.SIGKILL and self._owner.layout.settings["seccomp"]:
                # It may not send signals, so this came from elsewhere.
                text = say("Its process was killed from outside, most likely for lack of memory.")
                return _Died("out of memory", text, outside=True)
            with contextlib.suppress(ValueError):
                name = signal.Signals(number).name
                return _Died("crashed", say("Its process was ended by {signal}.", signal=name))
        code = os.WEXITSTATUS(status)
        return _Died("crashed", say("It ended its process (exit code {code}).", code=code))

    def cpu_time(self) -> float:
        """CPU time of all its threads so far, in seconds, by the kernel's account."""
        if sys.platform != "linux" or not self.alive:
            return self._spent
        clock = (~self.pid << 3) | 2  # linux: the CPU-time clock of another process
        with contextlib.suppress(OSError):
            self._spent = time.clock_gettime(clock)
        return self._spent

    def memory(self) -> int:
        """The most bytes of address space that it has had, which is what its limit counts; 0 where
        the system does not tell."""
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.pid}/status").read_text()
            peak = re.search(r"^VmPeak:\s*(\d+) kB$", status, re.MULTILINE)
            return int(peak[1]) << 10 if peak else 0
        return 0

    def pause(self) -> None:
        """Stop the process between calls, so that nothing works on while no clock runs."""
        if self.alive and not self._stopped:
            os.kill(self.pid, signal.SIGSTOP)
            self._stopped = True

    def resume(self) -> None:
        if self._stopped:
            self._stopped = False
            os.kill(self.pid, signal.SIGCONT)

    def close(self) -> int | None:
        """End the process; return its wait status where it is known."""
        if not self.alive:
            return None
        self.cpu_time()
        self.alive = False
        self._sock.close()
        if self._notices is not None:
            self._notices.close()
        if self._zygote != self._owner.generation:
            return None  # it ended with its zygote, and its pid may be another's by now
        # Its pid stays taken until the zygote reaps it, so this cannot hit another process.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        return self._owner._reap(self._inner_pid)


@functools.cache
def _trusted_layers() -> Any:
    """The module of trusted layers; None in a student edition that no task needs them in, as they
    answer tasks of earlier assignments."""
    name = f"{__package__.rpartition('.')[0]}.layers"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def _gives_layers(header: Mapping[str, Any]) -> bool:
    """Whether a worker may call back for layers while it answers ``header``.

    Cells may, as they see no hidden input; a task only where it is handed the layers. Elsewhere
    they would be the answer.
    """
    arguments = header.get("arguments")
    items = arguments.get("l", ()) if type(arguments) is dict else ()
    return header.get("op") == "cell" or {"y": 0} in items


class Sandbox:
    """A running zygote at one level. Use as a context manager, or :meth:`close` it.

    Start it from the main thread: bubblewrap ends with the thread that started it.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.level: Level = layout.level
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._idle: _Idle | None = None
        self.generation = 0
        """How many zygotes there have been."""
        self._start()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        self.generation += 1
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            descriptor = theirs.fileno()
            # The zygote expects the control socket at descriptor 3.
            command = [
                sys.executable, "-I", "-S", "-c",
                f"import os,sys; os.dup2({descriptor}, 3) if {descriptor} != 3 else "
                "os.set_inheritable(3, True); os.execv(sys.argv[1], sys.argv[1:])",
                *self.layout.command,
            ]  # fmt: skip
            try:
                self._process = subprocess.Popen(
                    command,
                    env=self.layout.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    pass_fds=[descriptor],
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise SandboxError(f"the worker could not be started: {error}") from None
        ours.settimeout(START_UP)
        self._control = ours
        try:
            ours.sendall(json.dumps(self.layout.settings).encode() + b"\n")
            if not self._answer().get("ready"):
                raise OSError("it gave a wrong answer")
        except (OSError, ValueError) as error:
            said = self._abandon()
            raise SandboxError(f"the worker did not start: {said or error}") from None

    def _answer(self) -> dict[str, Any]:
        assert self._control is not None
        text = self._control.recv(1 << 16)
        if not text:
            raise OSError("it ended")
        answer: dict[str, Any] = json.loads(text)
        return answer

    def _abandon(self) -> str:
        """End the zygote with all its workers; return the last line it wrote to stderr."""
        said = ""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            _, stderr = self._process.communicate()
            lines = stderr.decode(errors="replace").strip().splitlines()
            said = lines[-1][:300] if lines else ""
            self._process = None
        return said

    def spawn(self, seed: int = 0) -> _Worker:
        """Fork a fresh worker. Raises :class:`WorkerFault` if the machine does not allow it."""
        for attempt in (1, 2):
            if self._control is None:
                try:
                    self._start()
                except SandboxError as error:
                    raise WorkerFault(str(error)) from None
            try:
                return self._spawn(seed)
            except (OSError, ValueError, KeyError, WorkerFault) as error:
                said = self._abandon()
                if attempt == 2:
                    raise WorkerFault(f"no worker could be started: {said or error}") from None
        raise AssertionError("unreachable")

    def _spawn(self, seed: int) -> _Worker:
        assert self._control is not None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        if sys.platform == "linux":
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with theirs:
            message = json.dumps({"op": "fork", "seed": seed}).encode()
            socket.send_fds(self._control, [message], [theirs.fileno()])
            answer = self._answer()
        return _Worker(self, ours, answer["pid"], answer["scratch"])

    def companion(self) -> Submission:
        """A worker without a submission, to measure the yardstick in; the same one many times, as
        starting one takes as long as many checks."""
        if self._idle is None or not self._idle.has_turn():
            self._idle = _Idle(self)
        return self._idle

    def _reap(self, pid: int) -> int | None:
        if self._control is None:
            return None
        try:
            self._control.sendall(json.dumps({"op": "reap", "pid": pid}).encode())
            answer = self._answer()
        except (OSError, ValueError):
            self._abandon()
            return None
        if not answer.get("clean"):
            self._abandon()
        status = answer.get("status")
        return status if isinstance(status, int) else None

    def close(self) -> None:
        """End the zygote and remove what it left. May be called twice."""
        if self._idle is not None:
            self._idle.close()
            self._idle = None
        self._abandon()
        if self.layout.folder is not None:
            self.layout.folder.cleanup()


def try_acts(box: Sandbox) -> dict[str, bool]:
    """Try each of :data:`probe.ACTS` in a worker of ``box``: was it refused?

    Raises :class:`WorkerFault` when the worker could not be asked.
    """
    with (
        tempfile.NamedTemporaryFile(prefix="autograder-") as private,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        source = probe.source(private.name, server.getsockname()[1])
        worker = box.spawn()
        try:
            request = {"op": "cell", "label": "probe", "source": source}
            reply = worker.request(request, [], 20.0, 3.0)
        except _Died as death:
            raise WorkerFault(f"the probe failed: {death}") from None
        finally:
            worker.close()
    done = probe.result(str(reply.header.get("shown", "")))
    if done is None:
        raise WorkerFault(f"the probe failed: {reply.header.get('error')}")
    return done


_BUILDERS: dict[Level, Callable[[], Layout]] = {
    "bubblewrap": sandbox.bubblewrap,
    "landlock": sandbox.landlock,
    "seatbelt": sandbox.seatbelt,
    "process": sandbox.process,
}


def start(level: Level) -> Sandbox:
    """Start a sandbox of ``level``, whatever it is worth. Raises :class:`SandboxError`."""
    if sys.platform in ("win32", "emscripten"):
        where = "Windows" if sys.platform == "win32" else "A browser"
        raise SandboxError(
            f"{where} cannot start a worker; use Linux (on Windows: 'wsl --install'). check(…) in "
            "a notebook works here without one"
        )
    return Sandbox(_BUILDERS[level]())


def open_sandbox(weakest: Level = "landlock", strongest: Level = "bubblewrap") -> Sandbox:
    """Start the strongest sandbox that works here, chosen by trying.

    Raises :class:`SandboxError`, with the reason for each level, if none from ``strongest`` down
    to ``weakest`` keeps a probe from every forbidden act.
    """
    reasons = []
    for level in LEVELS[LEVELS.index(strongest) : LEVELS.index(weakest) + 1]:
        try:
            box = start(level)
        except SandboxError as error:
            reasons.append(f"{level}: {error}")
            continue
        if level == "process":
            return box
        try:
            tried = try_acts(box)
            acts = [act for act in probe.promised(level) if not tried.get(act, False)]
        except WorkerFault as fault:
            acts = [str(fault)]
        if not acts:
            return box
        box.close()
        reasons.append(f"{level}: a probe could {', '.join(acts)}")
    raise SandboxError(
        "no sandbox on this machine is good enough. "
        + " ".join(f"[{reason}]" for reason in reasons)
        + " Install bubblewrap, or accept less with --isolation process (your own work only)."
        + " 'autograder doctor' says more."
    )


def keep_to(cores: set[int], pids: Sequence[int]) -> None:
    """Let these processes run on ``cores`` only; 0 is the calling thread."""
    if sys.platform == "linux":
        for pid in pids:
            with contextlib.suppress(OSError):  # it has ended, or the core was taken from us
                os.sched_setaffinity(pid, cores)


class Submission:
    """A student's functions, to be called by their names: ``submission.same_padding(3)``.

    Arguments are copied on their way in and results on their way out. A call that fails raises a
    :class:`~autograder.report.Finding`; :class:`WorkerFault` means that nobody can tell.
    """

    isolation = ""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *arguments: self.call(name, *arguments)

    def call(
        self, function: str, *arguments: Any, keep: Any = None, seconds: float | None = None
    ) -> Any:
        """Call ``function``. ``keep=True`` leaves the result inside and returns its handle;
        ``keep=(1, 2)`` does so for these items of a tuple that is returned. ``seconds`` is the
        CPU time that this call may take, where the usual limit does not do."""
        return self._call("call", function, arguments, keep=keep, seconds=seconds).value()

    def call_and_look(
        self, function: str, *arguments: Any, keep: Any = None
    ) -> tuple[Any, list[Any]]:
        """Call ``function``; return its result and the arguments as they are afterwards."""
        reply = self._call("call", function, arguments, keep=keep, return_arguments=True)
        after = reply.value("arguments")
        return reply.value(), after if type(after) is list else []

    def time(self, function: str, *arguments: Any) -> Timed:
        """Call ``function`` with arguments that are inside already, on the CPU clock."""
        return self._timed(lambda: self._call("call", function, arguments, keep=True, timed=True))

    def time_yardstick(self) -> float:
        """Seconds of CPU time for the fixed piece of work that speed is compared with; the first
        time, for making its arrays too."""
        before = self._cpu_time()
        self._ask({"op": "yardstick"}, [])
        return self._cpu_time() - before

    def trace(self, function: str, *arguments: Any, budget: int = 3_000_000) -> Traced:
        """Call ``function`` counting the opcodes it executes, at most ``budget`` of them."""
        header = self._call("trace", function, arguments, budget=budget).header
        opcodes, spent, disturbed = (header.get(n) for n in ("opcodes", "spent", "disturbed"))
        said = header.get("lines")
        entries = said[:5] if type(said) is list else []
        lines = [
            (_text(entry[0], 200), entry[1], entry[2])
            for entry in entries
            if type(entry) is list
            and len(entry) == 3
            and type(entry[0]) is str
            and all(map(_is_count, entry[1:]))
        ]
        if not _is_count(opcodes) or type(spent) is not bool or type(disturbed) is not bool:
            raise Finding(say("It disturbed the count of its steps."), verdict="crashed")
        shortcuts = header.get("shortcuts")
        known = [name for name in SHORTCUTS if type(shortcuts) is list and name in shortcuts]
        return Traced(opcodes, spent, disturbed, tuple(lines), tuple(known))

    def put(self, value: Any) -> wire.Handle:
        """Send ``value`` in, to be used as an argument by its handle."""
        payload: list[bytes] = []
        encoded = wire.encode(value, payload)
        return self._handle(self._ask({"op": "put", "value": encoded}, payload))

    def get(self, handle: wire.Handle) -> Any:
        """Fetch the value behind ``handle``."""
        return self._ask({"op": "get", "handle": handle.number}, []).value()

    def drop(self, *handles: wire.Handle) -> None:
        """Forget values that are kept inside."""
        self._ask({"op": "drop", "handles": [handle.number for handle in handles]}, [])

    def foresee(self, function: str, calls: Sequence[Sequence[Any]], *, keep: Any = None) -> None:
        """Say which calls of ``function`` come next, in this order and with nothing between them.

        They may be made ahead, all in one go, because asking takes longer than most of them. Each
        gives what it would have given otherwise; what goes wrong ahead is found when it is made.
        """

    def rest(self) -> None:
        """Say that the next call may be a while; a worker is stopped meanwhile."""

    def companion(self) -> Submission:
        """Someone of the same kind, without the student's code, to measure the yardstick."""
        raise NotImplementedError

    @contextlib.contextmanager
    def steady(self, *others: Submission) -> Iterator[None]:
        """Inside the block, take from what calls cost what need not be in it.

        This process and all workers keep to one core, where the system lets us choose: what passes
        between two cores costs a worker several times as much CPU time on a virtual machine, for
        seconds on end.
        """
        pids = [0, *self._pids(), *(pid for other in others for pid in other._pids())]
        cores = os.sched_getaffinity(0) if sys.platform == "linux" else set()
        if len(cores) > 1:
            keep_to({sorted(cores)[os.getpid() % len(cores)]}, pids)
        try:
            yield
        finally:
            if len(cores) > 1:
                keep_to(cores, pids)

    def _pids(self) -> list[int]:
        """The worker's process, where it is another one."""
        return []

    def spent(self) -> float:
        """Seconds of CPU time that it has had until now."""
        return self._cpu_time()

    def _timed(self, run: Callable[[], _Reply]) -> Timed:
        before = self._cpu_time()
        reply = run()
        return Timed(self._handle(reply), self._cpu_time() - before)

    def _handle(self, reply: _Reply) -> wire.Handle:
        handle = reply.value()
        if type(handle) is not wire.Handle:
            raise _disturbed()
        return handle

    def _call(
        self, operation: str, function: str, arguments: Sequence[Any], **fields: Any
    ) -> _Reply:
        payload: list[bytes] = []
        seconds = fields.pop("seconds", None)
        header = _calling(operation, function, arguments, payload, fields)
        reply = self._ask(header, payload, function, seconds)
        if reply.header.get("absent") is True:
            finding = self._missing(function)
            finding.absent = function
            raise finding
        error = reply.header.get("error")
        if error is not None:
            raise self._finding(function, error)
        return reply

    def _finding(self, function: str, error: Any) -> Finding:
        """What an exception of the student's code means for a check."""
        error = error if type(error) is dict else {}
        kind, base = _text(error.get("type"), 100), _text(error.get("base"), 100)
        if not _is_exception(base):
            base = ""
        message = _text(error.get("message"), 2000)
        lines = _places(error)
        where = "\n".join(f"    {line}" for line in lines)
        line = error.get("line")
        if base == "NotImplementedError":
            return self._missing(function)
        if base == "MemoryError":
            brief = text = say("{function} ran out of memory.", function=function)
            if _is_count(line):
                text = say(
                    "{function} ran out of memory in line {line}.", function=function, line=line
                )
            return Finding(f"{text}\n{where}".rstrip(), verdict="out of memory", brief=brief)
        # The name of a class of their own may spell out the input.
        raised = {"function": function, "exception": base or say("an exception")}
        if _is_count(line):
            brief = say("{function} raised {exception} in line {line}.", **raised, line=line)
        else:
            brief = say("{function} raised {exception}.", **raised)
        text = say(
            "{function} raised {exception}: {message}",
            function=function,
            exception=kind,
            message=message,
        )
        finding = Finding(f"{text}\n{where}".rstrip(), brief=brief)
        finding.exception = base  # type: ignore[attr-defined]
        return finding

    def _missing(self, function: str) -> Finding:
        text = say("{function} is not written yet.", function=function)
        return Finding(text, verdict="not attempted")

    def _ask(
        self,
        header: Mapping[str, Any],
        payload: list[bytes],
        function: str = "",
        seconds: float | None = None,
    ) -> _Reply:
        raise NotImplementedError

    def _cpu_time(self) -> float:
        raise NotImplementedError


def live_clock() -> float:
    """Seconds of CPU time of this thread, to measure functions in a notebook's kernel.

    The kernel's other threads are Jupyter's, and BLAS's, which burn time while they wait.
    """
    if sys.platform == "win32":
        # There CPU time is counted in steps of 16 ms, ten times what is measured here.
        return time.perf_counter()
    return time.process_time() if sys.platform == "emscripten" else time.thread_time()


def _one_blas_thread() -> contextlib.AbstractContextManager[Any]:
    """Two that wait for each other on a busy machine take many times as long as one."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:  # in a browser, where there are no threads
        return contextlib.nullcontext()
    limits: contextlib.AbstractContextManager[Any] = threadpool_limits(1, "blas")
    return limits


class LiveSubmission(Submission):
    """The functions of a running notebook kernel, called in place."""

    isolation = "live kernel"

    def __init__(self, namespace: dict[str, Any]) -> None:
        layers = _trusted_layers()
        self._guest = Guest(namespace, layers.TRUSTED if layers else None)

    def companion(self) -> Submission:
        return self

    @contextlib.contextmanager
    def steady(self, *others: Submission) -> Iterator[None]:
        """As in a worker: one BLAS thread, and memory that stays at hand."""
        with _one_blas_thread(), memory.kept(), super().steady(*others):
            yield

    def _ask(
        self,
        header: Mapping[str, Any],
        payload: list[bytes],
        function: str = "",
        seconds: float | None = None,
    ) -> _Reply:
        reply, attachments = self._guest.handle(header, b"".join(payload))
        # Through JSON and back, as over a pipe, so that both ways give the same values.
        return _Reply(json.loads(json.dumps(reply)), b"".join(attachments))

    def _cpu_time(self) -> float:
        return live_clock()


class _Idle(Submission):
    """A worker without a submission, for many of them in turn: it runs nothing of theirs."""

    def __init__(self, box: Sandbox) -> None:
        self._worker = box.spawn()
        self._turns = 0

    def has_turn(self) -> bool:
        """Whether it can serve one more, with nothing left of the one before; else it ends."""
        self._turns += 1
        try:
            if self._turns <= MOST_TURNS:
                self._ask({"op": "forget"}, [])
                return True
        except WorkerFault:  # the machine ended it meanwhile
            pass
        self.close()
        return False

    def _ask(
        self,
        header: Mapping[str, Any],
        payload: list[bytes],
        function: str = "",
        seconds: float | None = None,
    ) -> _Reply:
        try:
            return self._worker.request(header, payload, seconds or Limits().call, 20.0)
        except _Died as death:
            raise WorkerFault(f"a worker without a submission failed: {death}") from None

    def _cpu_time(self) -> float:
        return self._worker.cpu_time()

    def _pids(self) -> list[int]:
        return [self._worker.pid]

    def rest(self) -> None:
        self._worker.pause()

    def close(self) -> None:
        self._worker.close()


class SandboxedSubmission(Submission):
    """A notebook whose cells run in a worker of ``box``.

    When the worker dies, the next call gets a fresh one in which the cells have run again, without
    those that kill. Use as a context manager.
    """

    def __init__(
        self, box: Sandbox, cells: Sequence[Cell], limits: Limits | None = None, seed: int = 0
    ) -> None:
        self._box = box
        self._cells = tuple(cells)
        self._limits = limits or Limits.chosen()
        self._seed = seed
        self._worker: _Worker | None = None
        self._deaths = 0
        self._used = 0.0
        self._waited = 0.0
        self._killers: dict[int, CellResult] = {}
        self._spared: set[int] = set()
        self._refused: dict[Refused, None] = {}
        self._foreseen: deque[tuple[dict[str, Any], list[bytes], _Reply]] = deque()
        self._unforeseeable: set[str] = set()
        self.isolation = box.level
        self.results: tuple[CellResult, ...] = ()
        self.costs: dict[str, Cost] = {}
        """What its cells took, by label, of those that ended by themselves."""

    def __enter__(self) -> SandboxedSubmission:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker of this submission."""
        self._retire()

    @property
    def limits(self) -> Limits:
        """What this submission may use."""
        return self._limits

    @property
    def left(self) -> float:
        """Seconds of CPU time that this submission has left."""
        return self._left()

    def charge(self, other: SandboxedSubmission) -> None:
        """Count what ``other``, a part of the same submission, has used and tried."""
        self._refused |= other._refused
        self._used += other._limits.total - other.left
        self._deaths += other._deaths

    @property
    def refused(self) -> tuple[Refused, ...]:
        """What it tried so far and may not, in the order of the first time."""
        return tuple(self._refused)

    def run(self) -> tuple[CellResult, ...]:
        """Run the cells in order; say of each how it went. The first call does, later ones ask."""
        if not self.results:
            self._ready()
        return self.results

    def companion(self) -> Submission:
        return self._box.companion()

    def _pids(self) -> list[int]:
        return [self._ready().pid]

    def rest(self) -> None:
        if self._worker is not None:
            self._worker.pause()

    def foresee(self, function: str, calls: Sequence[Sequence[Any]], *, keep: Any = None) -> None:
        self._foreseen.clear()
        if len(calls) < 2 or function in self._unforeseeable or self._spent_up():
            return
        asked = []
        for arguments in calls:
            payload: list[bytes] = []
            header = _calling("call", function, arguments, payload, {"keep": keep})
            asked.append((header, payload))
        parts = [part for _, payload in asked for part in payload]
        if sum(map(len, parts)) > FORESEEN_BYTES:
            return
        request = {
            "op": "calls",
            "function": function,
            "calls": [[header, sum(map(len, payload))] for header, payload in asked],
        }
        try:
            worker = self._ready()
            # Not longer than one call may take, or a slow one would come through.
            seconds = min(FORESEEN_SECONDS, self._limits.call)
            reply = self._request(worker, function, request, parts, seconds)
        except _Died:
            # It shows again in the call that it comes from, and is said and counted there.
            self._unforeseeable.add(function)
            return
        for (header, payload), one in zip(asked, _replies(reply), strict=False):
            self._foreseen.append((header, payload, one))

    def _retire(self) -> None:
        self._foreseen.clear()
        if self._worker is not None:
            self._worker.close()
            self._used += self._worker.cpu_time()
            self._worker = None

    def _ready(self) -> _Worker:
        """A worker in which the cells have run."""
        while self._worker is None or not self._worker.alive:
            self._retire()
            self._worker = self._box.spawn(self._seed)
            results = []
            try:
                for index, cell in enumerate(self._cells):
                    results.append(self._run_cell(index, cell, self._worker))
            except _Died:
                continue
            if not self.results:
                self.results = tuple(results)
        return self._worker

    def _run_cell(self, index: int, cell: Cell, worker: _Worker) -> CellResult:
        if index in self._killers:
            return self._killers[index]
        if len(self._killers) >= self._limits.deadly_cells and index > max(self._killers):
            text = say("Too many cells before it were stopped.")
            return CellResult(cell.label, "not run", text)
        if self._left() <= 0:
            return CellResult(cell.label, "not run", say("The notebook has used up its time."))
        request = {"op": "cell", "label": cell.label, "source": cell.source}
        try:
            seconds = min(self._limits.cell, max(1.0, self._left()))
            before = worker.cpu_time()
            reply = self._request(worker, cell.label, request, [], seconds)
            self.costs[cell.label] = Cost(worker.cpu_time() - before, worker.memory())
            return _cell_result(cell.label, reply)
        except wire.MalformedFrame:
            worker.close()
            death = _Died("crashed", _disturbance())
        except _Died as error:
            death = error
        if death.outside and index not in self._spared:
            self._spared.add(index)
            raise death
        self._killers[index] = CellResult(cell.label, death.verdict, str(death))
        raise death

    def _request(
        self,
        worker: _Worker,
        where: str,
        header: Mapping[str, Any],
        payload: list[bytes],
        seconds: float,
    ) -> _Reply:
        """Ask ``worker``, and keep what it tried meanwhile."""
        started, worked = time.monotonic(), time.process_time()
        try:
            reply = worker.request(header, payload, seconds, self._limits.patience)
            self._note(where, _reached(reply))
            return _Reply(reply.header, reply.payload, self._charge)
        finally:
            self._waited += time.monotonic() - started
            self._charge(time.process_time() - worked)
            self._note(where, worker.acts())

    def _charge(self, seconds: float) -> None:
        """Count the time that this side needs to read what it sends."""
        self._used += seconds

    def _note(self, where: str, acts: Sequence[str]) -> None:
        for act in acts:
            if len(self._refused) < MAX_REFUSED:
                self._refused[Refused(where, act)] = None

    def _spent_up(self) -> bool:
        return self._deaths >= self._limits.deaths or self._left() <= 0

    def _left(self) -> float:
        used = self._used + (self._worker.cpu_time() if self._worker is not None else 0.0)
        # Sleeping uses nothing up, and would hold up the class as well.
        return self._limits.total - max(used, self._waited / self._limits.patience)

    def _ask(
        self,
        header: Mapping[str, Any],
        payload: list[bytes],
        function: str = "",
        seconds: float | None = None,
    ) -> _Reply:
        what = function or say("The notebook")
        if self._foreseen:
            known, sent, reply = self._foreseen.popleft()
            if header == known and payload == sent:
                return reply
            self._foreseen.clear()
        if self._spent_up():
            raise Finding(
                say("The notebook used up the time that grading may take, so this was not tried."),
                verdict="timeout",
            )
        worker = self._ready()
        allowed = self._limits.call if seconds is None else min(seconds, max(1.0, self._left()))
        try:
            try:
                return self._request(worker, what, header, payload, allowed)
            except _Died as death:
                # A new worker knows none of the old one's handles.
                if not death.outside or '"h"' in json.dumps(header):
                    raise
                return self._request(self._ready(), what, header, payload, allowed)
        except _Died as death:
            self._deaths += 1
            raise Finding(death.of(what), verdict=death.verdict) from None

    def _missing(self, function: str) -> Finding:
        """Why ``function`` is not there: not written, or its cell failed."""
        # Not \s, which takes in line after line where many are blank, from each of them anew.
        definition = re.compile(rf"^[ \t]*def[ \t]+{re.escape(function)}\b", re.MULTILINE)
        for cell, result in zip(self._cells, self.results, strict=True):
            if result.status not in ("ok", "skipped") and definition.search(cell.source):
                verdict: Verdict = "failed"
                if result.status in ("timeout", "out of memory", "crashed", "not attempted"):
                    verdict = result.status  # type: ignore[assignment]
                text = say(
                    "{function} is missing, because {cell} could not be run.",
                    function=function,
                    cell=cell.label,
                )
                return Finding(f"{text}\n{result.message}", verdict=verdict)
        return super()._missing(function)

    def _cpu_time(self) -> float:
        return self._ready().cpu_time()


def _calling(
    operation: str,
    function: str,
    arguments: Sequence[Any],
    payload: list[bytes],
    fields: Mapping[str, Any],
) -> dict[str, Any]:
    """The header of a call; its arrays are appended to ``payload``."""
    header = {"op": operation, "function": function, **fields}
    header["arguments"] = wire.encode(list(arguments), payload)
    return header


def _replies(reply: _Reply) -> list[_Reply]:
    """The replies to several calls, as far as they are what they must be."""
    said = reply.header.get("replies")
    found = []
    place = 0
    for entry in said if type(said) is list else []:
        if type(entry) is not list or len(entry) != 2:
            break
        header, length = entry
        if type(header) is not dict or not _is_count(length):
            break
        if place + length > len(reply.payload):
            break
        part = memoryview(reply.payload)[place : place + length]
        found.append(_Reply(header, part, reply.charge))
        place += length
    return found


def _reached(reply: _Reply) -> list[str]:
    """Paths outside that a worker says were named. It may lie, to nobody's harm but its own."""
    said = reply.header.get("reached")
    found = said[:MAX_REACHED] if type(said) is list else []
    return [printable(t) for t in found if type(t) is str and _REACHED.fullmatch(t)]


def _cell_result(label: str, reply: _Reply) -> CellResult:
    header = reply.header
    figures = []
    encoded = header.get("figures")
    for entry in encoded[:MAX_FIGURES] if type(encoded) is list else []:
        array = wire.decode(entry, reply.payload)
        if type(array) is np.ndarray and array.dtype == np.uint8 and array.ndim == 1:
            data = array.tobytes()
            if data.startswith(PNG) and len(data) <= MAX_FIGURE_BYTES:
                figures.append(data)
    output, shown = reply.text("output", 30_000), reply.text("shown", 30_000)
    error = header.get("error")
    if type(error) is dict:
        kind = _text(error.get("type"), 100)
        base = _text(error.get("base"), 100)
        status = {"MemoryError": "out of memory", "NotImplementedError": "not attempted"}.get(
            base, "failed"
        )
        message = f"{kind}: {_text(error.get('message'), 2000)}"
        message = "\n".join([message, *(f"    {place}" for place in _places(error))])
        return CellResult(label, status, message, output, figures=tuple(figures))
    number = header.get("number")
    return CellResult(
        label,
        "ok",
        output=output + (f"{shown}\n" if shown else ""),
        number=number if type(number) is float and math.isfinite(number) else None,
        figures=tuple(figures),
    )


def _places(error: Mapping[str, Any]) -> list[str]:
    """The lines of their own code that a worker says an exception came through."""
    places = error.get("places")
    found = places[:13] if type(places) is list else []
    return [_text(place, 300) for place in found if type(place) is str]
