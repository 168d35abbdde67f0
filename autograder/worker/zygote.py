"""A warm process that forks workers. Runs inside the sandbox, as ``python -s -P -S -B zygote.py``.

It has imported NumPy and matplotlib and never runs a line of a submission. The host sends it
requests on a control socket; for each ``fork`` it passes one end of a socket pair, which becomes
the new worker's only connection. The fork confines itself (resource limits, Landlock, seccomp)
before the first byte of a submission reaches it.

Only Linux can confine a process with Landlock and seccomp; elsewhere those steps are left out and
the host calls the level by its true name.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import importlib
import json
import os
import shutil
import signal
import socket
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

if sys.platform not in ("win32", "emscripten"):  # no worker is started there
    import resource

CONTROL_FD = 3
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

# linux/seccomp.h; asm/unistd.h has the number of seccomp(2).
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_SET_MODE_FILTER, _NEW_LISTENER = 1, 1 << 3
_CAPABILITY_VERSION_3, _CAP_DAC_READ_SEARCH = 0x20080522, 1 << 2

# linux/landlock.h; the numbers of its three system calls are the same on all architectures.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_CHANGES = sum(1 << bit for bit in (1, *range(4, 13)))
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FOR_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


def landlock_version() -> int:
    """The version of Landlock's interface in this kernel, 0 without it."""
    if sys.platform != "linux":
        return 0
    version: int = _libc().syscall(_CREATE_RULESET, None, 0, 1)
    return max(0, version)


def restrict_files(readable: Sequence[str], writable: Sequence[str]) -> None:
    """Landlock: allow this process nothing but reading ``readable`` and changing ``writable``.

    Also refuses TCP, abstract sockets and signals to processes outside, as far as the kernel's
    version knows them. Raises ``OSError`` when the kernel refuses.
    """
    version = landlock_version()
    changes = _CHANGES
    changes |= _REFER if version >= 2 else 0
    changes |= _TRUNCATE if version >= 3 else 0
    reads = _EXECUTE | _READ_FILE | _READ_DIR
    handled = changes | reads | (_IOCTL_DEV if version >= 5 else 0)
    attributes = struct.pack("<Q", handled)
    if version >= 4:
        attributes += struct.pack("<Q", 0b11)
    if version >= 6:
        attributes += struct.pack("<Q", 0b11)
    ruleset = _checked(_libc().syscall(_CREATE_RULESET, attributes, len(attributes), 0))
    try:
        for path in readable:
            _allow(ruleset, path, reads)
        for path in writable:
            _allow(ruleset, path, reads | changes)
        _checked(_libc().syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            access &= _FOR_FILES
        rule = struct.pack("<Qi", access, descriptor)
        _checked(_libc().syscall(_ADD_RULE, ruleset, 1, rule, 0))
    finally:
        os.close(descriptor)


def filter_system_calls(told: bytes, program: bytes) -> int | None:
    """Load a seccomp filter, given in the kernel's own form, for good.

    ``told`` where the kernel gives it a listener, whose descriptor is returned: who holds it is
    asked about some calls. Else ``program``, which needs no one, and ``None``. There is no listener
    before Linux 5.5, nor inside of a sandbox that has one already.
    """
    number = _SECCOMP.get(os.uname().machine)
    if told and number is not None:
        with _packed(told) as filter_:
            listener: int = _libc().syscall(number, _SET_MODE_FILTER, _NEW_LISTENER, filter_)
        if listener >= 0:
            return listener
    with _packed(program) as filter_:
        _checked(_libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filter_, 0, 0))
    return None


@contextlib.contextmanager
def _packed(program: bytes) -> Iterator[bytes]:
    """A ``struct sock_fprog`` for ``program``; it points to memory that lives inside the block."""
    code = ctypes.create_string_buffer(program, len(program))
    yield struct.pack("@HxxxxxxP", len(program) // 8, ctypes.addressof(code))


def drop_capabilities() -> None:
    """Give up all capabilities, so that a worker of root's can do no more than anybody's.

    But for one, where it is there: reading files whatever their mode, since Python's library may
    lie in another user's home. Landlock still says which. Raises ``OSError`` when the kernel
    refuses.
    """
    header = struct.pack("<Ii", _CAPABILITY_VERSION_3, 0)
    held = ctypes.create_string_buffer(24)
    _checked(_libc().capget(header, held))
    _, permitted, *_ = struct.unpack("<6I", held.raw)
    kept = permitted & _CAP_DAC_READ_SEARCH
    _checked(_libc().capset(header, struct.pack("<6I", kept, kept, 0, 0, 0, 0)))


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it ends, however it ends."""
    _checked(_libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))


@functools.cache
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def limit_resources(limits: Mapping[str, int]) -> None:
    """Set the limits named in ``limits``: ``{"AS": bytes, "CPU": seconds, ...}``."""
    for name, value in limits.items():
        # macOS refuses some of them; there the level promises nothing about memory.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


class Zygote:
    """Forks workers on request. ``settings`` is what the host sent first."""

    def __init__(self, control: socket.socket, settings: Mapping[str, Any]) -> None:
        self._control = control
        self._settings = settings
        self._filter = bytes.fromhex(settings["seccomp"])
        self._told = bytes.fromhex(settings["seccomp_told"])
        self._scratch: dict[int, str] = {}
        self._count = 0

    def run(self) -> None:
        """Answer requests until the host closes the control socket."""
        self._reply({"ready": True, "landlock": landlock_version()})
        while True:
            text, descriptors, _, _ = socket.recv_fds(self._control, 1 << 16, 1)
            if not text:
                return
            request = json.loads(text)
            if request["op"] == "fork":
                self._fork(request, descriptors[0])
            else:
                self._reap(request["pid"])

    def _reply(self, message: Mapping[str, Any]) -> None:
        self._control.sendall(json.dumps(message).encode())

    def _fork(self, request: Mapping[str, Any], descriptor: int) -> None:
        scratch = self._new_folder()
        pid = os.fork()
        if pid == 0:
            self._become_worker(request, descriptor, scratch)
        os.close(descriptor)
        self._scratch[pid] = scratch
        self._reply({"pid": pid, "scratch": scratch})

    def _new_folder(self) -> str:
        """A folder for one worker. A zygote that was killed may have left some of its own."""
        while True:
            self._count += 1
            scratch = f"{self._settings['scratch']}/{self._count}"
            try:
                os.mkdir(scratch, 0o700)
            except FileExistsError:
                continue
            return scratch

    def _reap(self, pid: int) -> None:
        _, status = os.waitpid(pid, 0)
        scratch = self._scratch.pop(pid)
        try:
            shutil.rmtree(scratch)
        except (OSError, RecursionError):
            # The host then throws this zygote and its file system away.
            self._reply({"status": status, "clean": False})
        else:
            self._reply({"status": status, "clean": True})

    def _become_worker(self, request: Mapping[str, Any], descriptor: int, scratch: str) -> NoReturn:
        code = 1
        try:
            connection = self._confine(descriptor, scratch)
            from worker import guest  # type: ignore[import-not-found]

            inside = guest.prepare(request["seed"], self._settings["datasets"])
            guest.watch([scratch, *self._settings["known"]])
            # Ready. What ends this process before is ours, and after it the submission's.
            connection.sendall(b"!")
            for _ in guest.serve(inside, connection):
                pass
            code = 0
        finally:
            os._exit(code)

    def _confine(self, descriptor: int, scratch: str) -> socket.socket:
        os.setsid()
        os.dup2(descriptor, CONTROL_FD)
        os.closerange(CONTROL_FD + 1, 4096)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        os.close(nothing)
        os.chdir(scratch)
        os.environ.clear()
        os.environ.update(self._settings["environment"], HOME=scratch, TMPDIR=scratch)
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, signal.SIG_DFL)
        limit_resources(self._settings["limits"])
        connection = socket.socket(fileno=CONTROL_FD)
        listener = None
        if sys.platform == "linux":
            die_with_parent()
            # One byte, while this process is still ours: it carries the pid, as the kernel vouches.
            connection.sendall(b"!")
            _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
            drop_capabilities()
            if self._settings["landlock"]:
                restrict_files(self._settings["readable"], [scratch, os.devnull])
            if self._filter:
                listener = filter_system_calls(self._told, self._filter)
        else:
            connection.sendall(b"!")
        if listener is None:
            connection.sendall(b"!")
        else:
            socket.send_fds(connection, [b"!"], [listener])
            os.close(listener)
        return connection


def _warm() -> None:
    """Import and use once what submissions use, so that every fork has it already."""
    import numpy as np

    np.ones((2, 2)) @ np.ones((2, 2))
    np.random.default_rng(0)
    # NumPy loads these when they are first used; by then the environment may have been replaced.
    for part in ("fft", "linalg", "polynomial", "ma", "lib.stride_tricks"):
        importlib.import_module(f"numpy.{part}")
    import matplotlib

    matplotlib.use("Agg")
    import io

    import matplotlib.pyplot as plt

    plt.figure(figsize=(1, 1))
    plt.plot([0, 1])
    plt.title("a")
    plt.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    plt.close("all")


def main() -> None:
    if sys.platform == "linux":
        die_with_parent()
    control = socket.socket(fileno=CONTROL_FD)
    control.set_inheritable(False)
    text = b""
    while not text.endswith(b"\n"):
        text += control.recv(1 << 16)
    settings = json.loads(text)
    sys.path[:0] = settings["path"]
    _warm()
    from worker import guest

    guest.datasets(settings["datasets"])
    # What is here stays: a fork that looked through it for garbage would copy all of it.
    gc.collect()
    gc.freeze()
    Zygote(control, settings).run()


if __name__ == "__main__":
    main()
