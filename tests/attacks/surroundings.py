"""What must be the same after an attack as before: files, processes, objects of the kernel."""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import autograder
from autograder.worker.host import Sandbox

__all__ = ["KEY", "Surroundings", "processes"]

KEY = 0x1A77AC
"""The key under which attacks make objects of System V."""

KIT = Path(autograder.__file__).parent
SITE = Path(np.__file__).parent.parent

Facts = dict[str, Any]


def _tree(root: Path) -> Iterator[Path]:
    yield root
    for folder, folders, names in os.walk(root):
        for name in (*folders, *names):
            yield Path(folder, name)


def _state(path: Path) -> tuple[int, ...]:
    entry = path.lstat()
    times = () if stat.S_ISDIR(entry.st_mode) else (entry.st_size, entry.st_mtime_ns)
    return (entry.st_mode, entry.st_uid, entry.st_gid, *times)


def _names(folder: Path | str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()


def _intruders() -> list[str]:
    """What attacks have left in folders that other programs use too: all say so in their names."""
    folders = ["/", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", str(SITE), str(KIT)]
    folders += [str(KIT.parent), os.getcwd(), os.path.dirname(np.__file__), os.path.expanduser("~")]
    folders += [os.path.dirname(os.__file__), os.path.dirname(sys.executable)]
    return [f"{folder}/{n}" for folder in set(folders) for n in _names(folder) if "intruder" in n]


def _system_v() -> list[str]:
    found = []
    for kind in ("shm", "sem", "msg"):
        try:
            lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
        except OSError:
            continue
        found += [line for line in lines if line.split()[0] == str(KEY)]
    return found


def processes(box: Sandbox) -> int:
    """How many processes belong to ``box``: its zygote and all that it, or a worker, has started."""
    root = box._process.pid if box._process is not None else -1
    parents: dict[int, int] = {}
    named: set[int] = set()
    folder = box.layout.folder.name if box.layout.folder is not None else ""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            after_name = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
            command = Path("/proc", entry, "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if after_name[0] in "ZX":
            continue
        parents[int(entry)] = int(after_name[1])
        if folder and folder in command:
            named.add(int(entry))  # also one whose parent has ended
    family = {root} & parents.keys()
    while True:
        grown = family | {child for child, parent in parents.items() if parent in family}
        if grown == family:
            return len(family | named)
        family = grown


@dataclass
class Surroundings:
    """A folder for one level's attacks, with what they are not to reach.

    ``root`` holds everything; ``secret`` is a text that must never be seen again.
    """

    root: Path
    secret: str
    bystander: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.outside.mkdir()
        self.beside.mkdir()
        self.secret_file.write_text(self.secret)
        self.canary.write_text("as it was\n")
        (self.beside / "other.ipynb").write_text(self.secret)

    @property
    def outside(self) -> Path:
        """A folder that no attack may change."""
        return self.root / "outside"

    @property
    def beside(self) -> Path:
        """The folder of another submission."""
        return self.root / "other"

    @property
    def secret_file(self) -> Path:
        return self.outside / "secret.txt"

    @property
    def canary(self) -> Path:
        return self.outside / "canary.txt"

    def facts(self) -> Facts:
        """What attacks are told: where things are that they are not to reach."""
        return {
            "SECRET": str(self.secret_file),
            "CANARY_FILE": str(self.canary),
            "OUTSIDE": str(self.outside),
            "BESIDE": str(self.beside),
            "KIT": str(KIT),
            "SITE": str(SITE),
            "PYTHON": os.path.realpath(sys.executable),
            "GRADER": os.getpid(),
            "CANARY": self._living(),
        }

    def _living(self) -> int:
        """The number of a process of ours that has nothing to do with any of this."""
        if self.bystander is None or self.bystander.poll() is not None:
            self.bystander = subprocess.Popen(
                ["sleep", "3600"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        return self.bystander.pid

    def close(self) -> None:
        if self.bystander is not None:
            self.bystander.kill()
            self.bystander.wait()

    def snapshot(self, box: Sandbox) -> Mapping[str, Any]:
        """The state of everything that an attack could change, by what it is."""
        assert self.bystander is not None
        ended = self.bystander.poll()
        running = ended is None and Path(f"/proc/{self.bystander.pid}/stat").read_text()
        return {
            "files outside": {
                str(p): _state(p) for p in (*_tree(self.outside), *_tree(self.beside))
            },
            "files of the kit": {str(p): _state(p) for p in _tree(KIT)},
            "files of numpy": {str(p): _state(p) for p in Path(np.__file__).parent.iterdir()},
            "installed packages": _names(SITE),
            "files left behind": _intruders(),
            "shared memory": sorted(n for n in _names("/dev/shm") if "intruder" in n),
            "objects of System V": _system_v(),
            "a message queue": _queues(),
            "processes": processes(box),
            "a bystander": (ended, running and running.rpartition(")")[2].split()[0] in "SR"),
            "the grader's environment": {k: v for k, v in os.environ.items() if k[:7] != "PYTEST_"},
            "the grader's folder": os.getcwd(),
            "the grader's path": tuple(sys.path),
            "the grader's threads": threading.active_count(),
            "the grader's descriptors": len(os.listdir("/proc/self/fd")),
            "the grader's signals": tuple(
                signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
            ),
            "the machine's name": os.uname().nodename,
        }


def _queues() -> list[str]:
    """Message queues that attacks have left in our namespace; removed on the way."""
    library = ctypes.CDLL(None, use_errno=True)
    names = (b"/intruder", b"/intruder2")
    return [name.decode() for name in names if library.mq_unlink(name) == 0]
