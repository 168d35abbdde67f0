"""Commands as other machines would run them: other users, containers, older kernels.

Each function takes a command and returns one that runs it there. Nothing on this machine changes:
mounts are private to the command, and what a kernel lacks is taken away by a filter on it alone.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOBODY = 65534


def ordinary_user(command: Sequence[str]) -> list[str]:
    """As a user without any right, even to enter root's folders where Python may be installed."""
    if os.geteuid() != 0:
        return list(command)
    needed = [Path(sys.base_prefix).resolve(), Path(sys.prefix), ROOT]
    lines = ["set -e", "stage=$(mktemp -d)"]
    closed = sorted({found for path in needed if (found := _closed_parent(path)) is not None})
    inside = [path for path in needed if any(path.is_relative_to(folder) for folder in closed)]
    for number, path in enumerate(inside):
        lines.append(f"mkdir $stage/{number}")
        lines.append(f"mount --bind {shlex.quote(str(path))} $stage/{number}")
    for folder in closed:
        lines.append(f"mount -t tmpfs -o mode=755 none {shlex.quote(str(folder))}")
    for number, path in enumerate(inside):
        lines.append(f"mkdir -p {shlex.quote(str(path))}")
        lines.append(f"mount --move $stage/{number} {shlex.quote(str(path))}")
    lines.append("rm -r $stage")
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    become += ["--inh-caps=-all", "--bounding-set=-all", "env", "HOME=/nowhere"]
    lines.append(f"exec {shlex.join([*become, *command])}")
    return ["unshare", "--mount", "sh", "-c", "\n".join(lines)]


def _closed_parent(path: Path) -> Path | None:
    """The first folder on the way to ``path`` that others may not enter."""
    for folder in reversed((path, *path.parents)):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None


def container(command: Sequence[str]) -> list[str]:
    """As root of a user namespace in which no further ones can be made, like most containers."""
    forbid = "echo 0 > /proc/sys/user/max_user_namespaces"
    return [
        "unshare",
        "--user",
        "--map-root-user",
        "sh",
        "-c",
        f"{forbid}; exec {shlex.join(command)}",
    ]


def without_bubblewrap(command: Sequence[str]) -> list[str]:
    """Where bubblewrap is not installed."""
    folders = [f for f in os.environ["PATH"].split(os.pathsep) if not Path(f, "bwrap").exists()]
    return ["/usr/bin/env", f"PATH={os.pathsep.join(folders)}", *_found(command)]


def _found(command: Sequence[str]) -> list[str]:
    return [shutil.which(command[0]) or command[0], *command[1:]]


_WITHOUT_CALLS = """
import os, sys
import pyseccomp as library
rules = library.SyscallFilter(library.ALLOW)
for name in sys.argv[1].split(","):
    rules.add_rule(library.ERRNO(38), name)
rules.load()
os.execvp(sys.argv[2], sys.argv[2:])
"""


def without_landlock(command: Sequence[str]) -> list[str]:
    """On a kernel that does not have Landlock."""
    calls = "landlock_create_ruleset,landlock_add_rule,landlock_restrict_self"
    return [sys.executable, "-c", _WITHOUT_CALLS, calls, *command]


_WITH_LISTENER = """
import ctypes, os, sys
import pyseccomp as library
rules = library.SyscallFilter(library.ALLOW)
rules.add_rule(library.NOTIFY, "swapoff")
rules.load()
listener = ctypes.CDLL("libseccomp.so.2").seccomp_notify_fd(ctypes.c_void_p(rules._filter))
os.set_inheritable(listener, True)
os.execvp(sys.argv[1], sys.argv[1:])
"""


def without_notices(command: Sequence[str]) -> list[str]:
    """Inside of a sandbox that listens to system calls itself, so that no other can."""
    return [sys.executable, "-c", _WITH_LISTENER, *command]
