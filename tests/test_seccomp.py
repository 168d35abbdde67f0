"""The filter of system calls on both architectures, and what is told of calls that it refuses."""

from __future__ import annotations

import struct
from pathlib import Path

import pyseccomp
import pytest

from autograder.worker import seccomp
from autograder.worker.host import Cell, Limits, Sandbox, SandboxedSubmission, open_sandbox
from autograder.worker.sandbox import Level

PRETEND, LACK = 0x00050000, 0x0005005F
ALLOW, REFUSE, ASK, UNKNOWN, KILL = 0x7FFF0000, 0x00050001, 0x7FC00000, 0x00050026, 0
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def decide(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """What the kernel would do: the few instructions of classic BPF that such filters use."""
    given = struct.pack("<iIQ6Q", number, architecture, 0, *(*arguments, *[0] * 6)[:6])
    steps = list(struct.iter_unpack("<HBBI", program))
    place = accumulator = 0
    while True:
        code, yes, no, k = steps[place]
        place += 1
        if code == 0x20:  # load a word
            (accumulator,) = struct.unpack_from("<I", given, k)
        elif code == 0x54:  # and
            accumulator &= k
        elif code == 0x05:  # jump
            place += k
        elif code in (0x15, 0x25, 0x35):  # jump if equal, greater, at least
            holds = {0x15: accumulator == k, 0x25: accumulator > k, 0x35: accumulator >= k}[code]
            place += yes if holds else no
        elif code == 0x06:  # return
            return k
        else:
            raise AssertionError(f"an instruction {code:#x} that this test does not know")


def number_of(name: str, machine: str) -> int:
    architecture = {"x86_64": pyseccomp.Arch.X86_64, "aarch64": pyseccomp.Arch.AARCH64}[machine]
    return int(pyseccomp.resolve_syscall(architecture, name))


THREAD, PROCESS = 0x3D0F00, 0x1200011  # flags of clone, as the C library passes them
NEW_USER = 0x10000000


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize(
    ("name", "arguments", "decision"),
    [
        ("read", (), ALLOW),
        ("mmap", (), ALLOW),
        ("openat", (), ALLOW),
        ("futex", (), ALLOW),
        ("fchmodat", (), PRETEND),
        ("utimensat", (), PRETEND),
        ("listxattr", (), LACK),
        ("getpgid", (0,), ALLOW),
        ("getpgid", (1,), UNKNOWN),
        ("clone", (THREAD,), ALLOW),
        ("clone", (PROCESS,), ASK),
        ("clone", (THREAD | NEW_USER,), UNKNOWN),
        ("clone3", (), UNKNOWN),
        ("socket", (2, 1), ASK),
        ("execve", (), ASK),
        ("ptrace", (), ASK),
        ("kill", (1, 9), ASK),
        ("prctl", (15,), ALLOW),
        ("prctl", (1, 0), UNKNOWN),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), UNKNOWN),
        ("prlimit64", (0, 7, 0), ALLOW),
        ("prlimit64", (0, 7, 4096), UNKNOWN),
        ("seccomp", (), UNKNOWN),
        ("landlock_restrict_self", (), UNKNOWN),
        ("timer_create", (), UNKNOWN),
    ],
)
def test_the_filter_decides_alike_on_both_architectures(
    machine: str, told: bool, name: str, arguments: tuple[int, ...], decision: int
) -> None:
    program = seccomp.program(told, machine)
    wanted = REFUSE if decision == ASK and not told else decision
    number = number_of(name, machine)
    assert decide(program, ARCHITECTURES[machine], number, *arguments) == wanted


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_calls_of_other_architectures_and_of_the_future_are_closed(machine: str) -> None:
    program = seccomp.program(True, machine)
    other = next(a for name, a in ARCHITECTURES.items() if name != machine)
    assert decide(program, other, 0) == KILL
    assert decide(program, 0x40000003, 11) == KILL  # execve of 32 bits
    assert decide(program, ARCHITECTURES[machine], 9999) == UNKNOWN


def test_no_call_is_both_allowed_and_told() -> None:
    assert not seccomp.ALLOWED & set(seccomp.TOLD)


@pytest.fixture(scope="module", params=["bubblewrap", "landlock"])
def box(request: pytest.FixtureRequest) -> object:
    with open_sandbox(request.param, request.param) as running:
        yield running


TRIED = """
import ctypes, os, socket, subprocess, threading
def quietly(act, *arguments):
    try:
        act(*arguments)
    except OSError:
        pass
quietly(socket.create_connection, ("127.0.0.1", 9))
quietly(subprocess.run, ["ls"])
quietly(open, "/etc/shadow")
quietly(open, "/home/me/result.txt", "w")
threading.Thread(target=os.listdir, args=(".",)).start()
open("mine.txt", "w").close()
open("/dev/null").close()
import json, decimal, matplotlib.animation
def ask():
    quietly(os.kill, os.getppid(), 15)
    return 1
def harmless():
    quietly(os.kill, os.getpid(), 0)
    return 1
"""


def test_the_report_says_what_was_tried_and_where(box: Sandbox) -> None:
    with SandboxedSubmission(box, [Cell("cell 1", TRIED)]) as submission:
        assert submission.run()[0].status == "ok"
        assert (submission.ask(), submission.harmless()) == (1, 1)
        said = {str(refused) for refused in submission.refused}
    assert said == {
        "cell 1 tried to open a network connection",
        "cell 1 tried to start a process",
        "cell 1 tried to read /etc/shadow",
        "cell 1 tried to write /home/me/result.txt",
        "ask tried to send a signal to another process",
    }


def test_what_was_tried_is_known_of_a_worker_that_dies(box: Sandbox) -> None:
    source = "import os, socket\ntry:\n    socket.socket()\nexcept OSError:\n    os._exit(0)"
    with SandboxedSubmission(box, [Cell("cell 1", source)]) as submission:
        assert submission.run()[0].status == "crashed"
        assert [r.act for r in submission.refused] == ["open a network connection"]


FORGED = """
import sys
guest = sys.modules["worker.guest"]
guest._reached = {"read /etc/passwd\\n\\u202eowned": None, "killed the class": None, 7: None}
for n in range(100):
    guest._reached[f"read /{n}"] = None
"""


def test_a_forged_note_is_cut_short_and_printable(box: Sandbox) -> None:
    with SandboxedSubmission(box, [Cell("cell 1", FORGED)]) as submission:
        submission.run()
        acts = [refused.act for refused in submission.refused]
    assert len(acts) <= 20
    assert all(act.startswith("read /") and act.isprintable() for act in acts)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (
            "import socket\nwhile True:\n    try: socket.socket()\n    except OSError: pass",
            "refused",
        ),
        (
            "import threading, time\nthreading.stack_size(65536)\nwhile True:\n"
            "    threading.Thread(target=time.sleep, args=(60,)).start()",
            "threads",
        ),
    ],
)
def test_a_worker_that_uses_too_much_is_ended(box: Sandbox, source: str, says: str) -> None:
    limits = Limits(cell=20, call=1)
    with SandboxedSubmission(box, [Cell("cell 1", source)], limits) as submission:
        (result,) = submission.run()
    assert result.status == "crashed"
    assert says in result.message


@pytest.mark.parametrize(
    "source",
    [
        "n = 0\nwhile True:\n    n += 1\n    open(f'f{n}', 'wb').write(bytes(32 << 20))",
        "import os\nkept = []\nwhile True:\n    kept.append(open('f', 'w+b'))\n"
        "    kept[-1].write(bytes(32 << 20)); kept[-1].flush(); os.remove('f')",
        "import os\nn = 0\nwhile True:\n    n += 1\n    os.mkdir(str(n))",
    ],
)
def test_a_worker_that_writes_too_much_is_ended(box: Sandbox, source: str) -> None:
    with SandboxedSubmission(box, [Cell("cell 1", source)], Limits(cell=20)) as submission:
        (result,) = submission.run()
    assert result.status in ("crashed", "failed")
    # Where the files are a file system in memory, the kernel may say so first.
    assert "files" in result.message or "No space left" in result.message
    with SandboxedSubmission(box, [Cell("cell 1", "import os; os.listdir('..')")]) as submission:
        (result,) = submission.run()
    assert "Permission" in result.message  # each sees its own folder only


@pytest.mark.parametrize("level", ["bubblewrap", "landlock"])
def test_files_are_copied_and_modes_and_dates_stay(level: Level, tmp_path: Path) -> None:
    """A worker of the same user could change them otherwise, wherever the files are."""
    outside = tmp_path / "mine.txt"
    outside.write_text("mine")
    before = outside.stat()
    source = f"""
import os, shutil
for path in ({str(outside)!r}, "own.txt"):
    open("own.txt", "w").close()
    for act in (lambda: os.chmod(path, 0o777), lambda: os.utime(path, (1, 1))):
        try:
            act()
        except FileNotFoundError:
            pass
print(shutil.copy2("own.txt", "copy.txt"), shutil.copy("own.txt", "another.txt"))
"""
    with (
        open_sandbox(level, level) as box,
        SandboxedSubmission(box, [Cell("cell 1", source)]) as submission,
    ):
        (result,) = submission.run()
    assert (result.status, result.output.strip()) == ("ok", "copy.txt another.txt")
    after = outside.stat()
    assert (before.st_mode, before.st_mtime_ns) == (after.st_mode, after.st_mtime_ns)
