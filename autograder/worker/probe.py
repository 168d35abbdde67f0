"""Forbidden acts that a worker tries from inside, to see what a sandbox is worth on this machine.

Each act is tried in earnest and does no harm where it succeeds: it opens, asks or sets something to
the value that it has. A level of isolation counts only if every act that it promises to refuse is
refused (``host.open_sandbox``); ``autograder doctor`` prints them all.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from .sandbox import Level

__all__ = ["ACTS", "Act", "promised", "result", "source"]


@dataclass(frozen=True)
class Act:
    """``code`` succeeds or raises. ``unseen`` are levels that do not promise to refuse it."""

    name: str
    code: str
    unseen: frozenset[Level] = frozenset()
    linux: bool = False


_SEATBELT: frozenset[Level] = frozenset({"seatbelt"})

ACTS = (
    Act("open a network socket", "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)", _SEATBELT),
    Act("connect to a port of this machine", "socket.create_connection(('127.0.0.1', PORT), 5)"),
    Act("open a local socket", "socket.socket(socket.AF_UNIX)", _SEATBELT),
    Act("ask the kernel about the network", "socket.socket(16, socket.SOCK_RAW)", linux=True),
    Act("start a process", "fork()", _SEATBELT),
    Act("run a program", "spawn()", _SEATBELT),
    Act("read the password file", "open('/etc/passwd').read()"),
    Act("read the kit", "open(SECRET).read()"),
    Act("read the grader's temporary files", "open(PRIVATE).read()"),
    Act("list the folder of the kit", "os.listdir(KIT).index('autograder')"),
    Act(
        "read the grader's environment", "open(f'/proc/{GRADER}/environ', 'rb').read()", linux=True
    ),
    Act("open the grader's memory", "open(f'/proc/{GRADER}/mem', 'rb')", linux=True),
    Act("list the machine's processes", "os.listdir('/proc').index(str(GRADER))", linux=True),
    Act("write beside its own folder", "leave('../intruder')"),
    Act("write into the temporary folder", "leave('/tmp/intruder')"),
    Act("write into shared memory", "leave('/dev/shm/intruder')", linux=True),
    Act("write beside Python's library", "leave(os.__file__ + '.intruder')"),
    Act("signal the grader", "os.kill(GRADER, 0)"),
    Act("signal its parent", "os.kill(os.getppid(), 0)", _SEATBELT),
    Act("get hold of its parent", "os.close(os.pidfd_open(os.getppid()))", linux=True),
    Act("read its parent's memory", "read_memory(os.getppid())", linux=True),
    Act("use memory shared with others", "shared_memory()", linux=True),
    Act("keep data outside of its limits", "os.close(os.memfd_create('data'))", linux=True),
    Act("prepare a file system", "prepare_file_system()", linux=True),
    Act("make a device file", "os.mknod('device', 0o20600, os.makedev(1, 3))", linux=True),
    Act("become another user", "os.setresuid(*os.getresuid())", linux=True),
    Act("give a file away", "open('own', 'w'); os.chown('own', os.getuid(), os.getgid())"),
    Act("change its limits", "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))", _SEATBELT),
    Act("change its priority", "os.setpriority(0, 0, os.getpriority(0, 0))", _SEATBELT),
    Act("choose its processors", "os.sched_setaffinity(0, os.sched_getaffinity(0))", linux=True),
    Act("outlive the sandbox", "prctl(1, 0)", linux=True),
    Act("use the kernel's keys", "keys()", linux=True),
    Act("use io_uring", "io_uring()", linux=True),
    Act("set the machine's name", "set_name()", linux=True),
    # The last two: who is traced stops at a signal, who is in a new namespace is nobody there.
    Act("let itself be traced", "call('ptrace', 0, 0, 0, 0)", linux=True),
    Act("make a user namespace", "call('unshare', 0x10000000)", linux=True),
)
"""What is tried, in this order."""

_HELPERS = """
import ctypes, os, resource, socket
refused = {}

def act(name, code):
    try:
        exec(code, globals())
    except BaseException:
        refused[name] = True
    else:
        refused[name] = False

def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result

def call(name, *arguments):
    return checked(getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments))

def number(name, *arguments):
    return checked(ctypes.CDLL(None, use_errno=True).syscall(NUMBERS[name], *arguments))

def prctl(option, value):
    return call("prctl", option, value, 0, 0, 0)

def leave(path):
    open(path, "w").close()
    os.remove(path)

def fork():
    if os.fork() == 0:
        os._exit(0)
    os.wait()

def spawn():
    os.waitpid(os.posix_spawn(PYTHON, [PYTHON, "-c", ""], {}), 0)

def read_memory(pid):
    # One vector of no bytes: only the permission is asked for.
    vector = (ctypes.c_void_p * 2)(0, 0)
    call("process_vm_readv", pid, vector, 1, vector, 1, 0)

def shared_memory():
    segment = call("shmget", 0, 4096, 0o1600)
    call("shmctl", segment, 0, None)

def prepare_file_system():
    os.close(number("fsopen", b"tmpfs", 0))

def keys():
    number("keyctl", 0, -3, 0)

def io_uring():
    os.close(number("io_uring_setup", 1, ctypes.create_string_buffer(256)))

def set_name():
    name = os.uname().nodename.encode()
    call("sethostname", name, len(name))
"""

# asm/unistd.h; newer calls have the same number everywhere.
_NUMBERS = {
    "x86_64": {"keyctl": 250, "io_uring_setup": 425, "fsopen": 430},
    "aarch64": {"keyctl": 219, "io_uring_setup": 425, "fsopen": 430},
}


def _here() -> list[Act]:
    return [act for act in ACTS if sys.platform == "linux" or not act.linux]


def promised(level: Level) -> list[str]:
    """The acts that ``level`` says it refuses on this kind of machine."""
    if level == "process":
        return []
    return [act.name for act in _here() if level not in act.unseen]


def source(private: str, port: int) -> str:
    """A cell that tries every act. ``private`` is a file of the grader's, ``port`` one that it
    listens on."""
    facts = {
        "PYTHON": os.path.realpath(sys.executable),
        "SECRET": str(Path(__file__).parent.parent / "report.py"),
        "PRIVATE": private,
        "PORT": port,
        "GRADER": os.getpid(),
        "KIT": str(Path(__file__).parent.parent.parent),
        "NUMBERS": _NUMBERS.get(os.uname().machine, {}),
    }
    lines = [f"{name} = {value!r}" for name, value in facts.items()]
    lines.append(_HELPERS)
    lines += [f"act({act.name!r}, {act.code!r})" for act in _here()]
    lines += ["import json", "json.dumps(refused)"]
    return "\n".join(lines)


def result(shown: str) -> dict[str, bool] | None:
    """What the cell of :func:`source` shows, act by act: refused or not. None if it did not end."""
    try:
        found = json.loads(ast.literal_eval(shown))
    except (ValueError, SyntaxError):
        return None
    if type(found) is not dict or set(found) != {act.name for act in _here()}:
        return None
    return {name: value is True for name, value in found.items()}
