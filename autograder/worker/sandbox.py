"""How a zygote is started at each level of isolation.

Four *levels*, from strong to weak:

``bubblewrap``  own namespaces (no network, no processes but its own, a file system of the few
                folders it needs), and everything of the next level
``landlock``    Landlock for files, TCP and signals; an allow-list of system calls by seccomp;
                no capabilities; limits on memory, threads, files and time
``seatbelt``    macOS: its ``sandbox-exec`` for files and network; processes are not refused, and
                memory is not limited
``process``     a separate process with resource limits, and nothing that stops a hostile program

A level is never assumed from a version: a probe worker tries forbidden acts (``probe``), and the
level counts only if all of them are refused that it promises to refuse.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import re
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Literal

from .. import datasets, rooms
from ..settings import settings
from . import seccomp, zygote

if sys.platform not in ("win32", "emscripten"):  # no worker is started there
    import fcntl

__all__ = [
    "LEVELS",
    "Layout",
    "Level",
    "SandboxError",
    "bubblewrap",
    "importable",
    "landlock",
    "process",
    "seatbelt",
]

Level = Literal["bubblewrap", "landlock", "seatbelt", "process"]
LEVELS: tuple[Level, ...] = ("bubblewrap", "landlock", "seatbelt", "process")

DISTRIBUTIONS = ("numpy", "matplotlib")
"""What a submission may import besides the standard library, with what these need. A course adds
to it with ``packages`` in its ``course.toml``."""

LIMITS = {
    "AS": 1536 << 20,
    "CPU": 600,
    "FSIZE": 64 << 20,
    "NOFILE": 256,
    "CORE": 0,
    "STACK": 8 << 20,
}
"""Resource limits of a worker: bytes, seconds, bytes, descriptors, bytes, bytes."""

ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": "/nowhere",
    "PYTHONHASHSEED": "0",
    # One thread: with more, a busy machine slows a product of matrices by an order of magnitude.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Fixed thresholds: left alone, malloc moves them as it goes, and timings move with them.
    "MALLOC_TRIM_THRESHOLD_": str(512 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TOP_PAD_": str(16 << 20),
    # No small blocks at hand: memory.py fills what the library allocates, and not what it keeps.
    # NumPy and Python keep their own, so nothing gets slower.
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
    "MPLBACKEND": "Agg",
}

PYTHON_OPTIONS = ("-s", "-P", "-S", "-B")
"""Isolated as by ``-I``, but for ``-E``: that would ignore ``PYTHONHASHSEED`` too, and sets of
strings would have another order in every zygote. No other ``PYTHON`` variable is in the
environment, which is :data:`ENVIRONMENT` alone."""


class SandboxError(Exception):
    """This machine cannot start a worker as asked; the text says why and what to do."""


@dataclass(frozen=True)
class Layout:
    """How a zygote is started at one level.

    ``command`` and ``environment`` start it; ``settings`` is its first message; ``folder`` is a
    temporary folder of the host's that lives as long as the zygote, if there is one, and ``lock``
    the sign that it is in use.
    """

    level: Level
    command: list[str]
    environment: dict[str, str]
    settings: dict[str, Any]
    folder: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)
    lock: IO[str] | None = field(default=None, repr=False)


def bubblewrap() -> Layout:
    """A zygote inside bubblewrap. Raises :class:`SandboxError` where ``bwrap`` is missing."""
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxError("bubblewrap is not installed (Debian, Ubuntu: apt install bubblewrap)")
    command = [
        program,
        "--unshare-user",
        "--unshare-all",
        "--disable-userns",
        "--new-session",
        "--die-with-parent",
    ]
    command += ["--uid", "65534", "--gid", "65534", "--hostname", "worker", "--clearenv"]
    command += ["--cap-drop", "ALL", "--dev", "/dev", "--size", str(512 << 20), "--tmpfs", "/tmp"]
    mounted: list[Path] = []
    for path in _system_paths():
        if path.is_symlink() and path.parent == Path("/"):
            command += ["--symlink", os.readlink(path), str(path)]
        elif not any(path.is_relative_to(other) for other in mounted):
            command += ["--ro-bind", str(path), str(path)]
            mounted.append(path)
    for path in _package_folders():
        if any(path.is_relative_to(other) for other in mounted):
            command += ["--tmpfs", str(path)]
    for name, path in _site_entries():
        command += ["--ro-bind", str(path), f"/kit/site/{name}"]
    here = Path(__file__).parent
    command += ["--ro-bind", str(here), "/kit/worker"]
    command += ["--ro-bind", str(_datasets_file()), "/kit/datasets.py"]
    command += ["--ro-bind", str(datasets.folder()), "/kit/data"]
    for name, value in {**ENVIRONMENT, "MPLCONFIGDIR": "/tmp/matplotlib"}.items():
        command += ["--setenv", name, value]
    command += ["--chdir", "/", "--", _python(), *PYTHON_OPTIONS, "/kit/worker/zygote.py"]
    settings = _settings("/kit", "/tmp", ["/kit", "/dev", *map(str, mounted)])
    return Layout("bubblewrap", command, {}, settings)


def landlock() -> Layout:
    """A zygote on the host whose forks confine themselves. Raises :class:`SandboxError`."""
    if zygote.landlock_version() == 0:
        raise SandboxError("this system has no Landlock (Linux 5.13 or newer, not disabled)")
    return _on_the_host("landlock")


def seatbelt() -> Layout:
    """A zygote inside macOS's ``sandbox-exec``. Raises :class:`SandboxError` elsewhere."""
    program = shutil.which("sandbox-exec", path="/usr/bin")
    if program is None:
        raise SandboxError("this system has no sandbox-exec (it is part of macOS)")
    layout = _on_the_host("seatbelt")
    profile = _seatbelt_profile(layout)
    return replace(layout, command=[program, "-p", profile, *layout.command])


def process() -> Layout:
    """A zygote on the host, without a sandbox around its forks."""
    return _on_the_host("process")


def _seatbelt_profile(layout: Layout) -> str:
    """The rules for ``sandbox-exec``: nothing but reading what is needed and writing in scratch.

    The zygote itself runs under them, so they must let it fork; a worker can fork too, and what it
    starts is under the same rules.
    """
    assert layout.folder is not None
    folder = os.path.realpath(layout.folder.name)
    readable = [*layout.settings["readable"], folder, "/System/Library", "/private/var/db/dyld"]
    lines = ["(version 1)", "(deny default)", "(allow process-fork)", "(allow sysctl-read)"]
    lines += ["(allow file-read-metadata)", "(allow signal (target self))"]
    lines += [f"(allow process-exec (subpath {_quoted(os.path.realpath(sys.base_prefix))}))"]
    lines += [f"(allow file-read* (subpath {_quoted(os.path.realpath(p))}))" for p in readable]
    lines += ['(allow file-read* file-write-data (literal "/dev/null"))']
    lines += [f"(allow file-write* (subpath {_quoted(folder)}))"]
    return "\n".join(lines)


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _on_the_host(level: Level) -> Layout:
    remove_left_behind()
    folder = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
    lock = _locked(folder.name)
    kit = Path(folder.name, "kit")
    (kit / "site").mkdir(parents=True)
    scratch = Path(folder.name, "scratch")
    scratch.mkdir()
    entries = _site_entries()
    for name, path in entries:
        (kit / "site" / name).symlink_to(path)
    here, data = Path(__file__).parent, datasets.folder()
    (kit / "worker").symlink_to(here)
    (kit / "datasets.py").symlink_to(_datasets_file())
    (kit / "data").symlink_to(data)
    readable = [str(kit), str(here), str(_datasets_file()), str(data)]
    readable += [str(path) for _, path in entries]
    for path in (*_system_paths(), Path("/dev/urandom"), Path("/dev/random"), Path("/dev/zero")):
        readable += map(str, _without_packages(path))
    settings = _settings(str(kit), str(scratch), readable)
    settings["landlock"] = level == "landlock"
    if level == "landlock" and not settings["seccomp"]:
        raise SandboxError("the library libseccomp is missing (apt install libseccomp2)")
    command = [_python(), *PYTHON_OPTIONS, str(kit / "worker" / "zygote.py")]
    environment = {**ENVIRONMENT, "MPLCONFIGDIR": str(Path(folder.name, "matplotlib"))}
    return Layout(level, command, environment, settings, folder, lock)


_PREFIX = "autograder-worker-"


def _locked(folder: str) -> IO[str] | None:
    """A lock on ``folder`` that ends with its holder, however that ends; None if it is taken."""
    file = Path(folder, "lock").open("w")  # noqa: SIM115 - it is kept open
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def remove_left_behind() -> None:
    """Remove the folders of graders that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if path.stat().st_uid != os.getuid() or not (path / "lock").exists():
                continue
            lock = _locked(str(path))
            if lock is not None:
                shutil.rmtree(path, ignore_errors=True)
                lock.close()


def _settings(kit: str, scratch: str, readable: Sequence[str]) -> dict[str, Any]:
    chosen = settings()
    return {
        "path": [kit, f"{kit}/site"],
        "datasets": f"{kit}/datasets.py",
        "scratch": scratch,
        "limits": {**LIMITS, "AS": chosen.limits.memory_mib << 20},
        "landlock": zygote.landlock_version() > 0,
        "readable": list(readable),
        "known": [*readable, os.devnull],
        "seccomp": seccomp.program(told=False).hex(),
        "seccomp_told": seccomp.program(told=True).hex(),
        "environment": {**ENVIRONMENT, "AUTOGRADER_DATASETS": f"{kit}/data"},
    }


def _python() -> str:
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _datasets_file() -> Path:
    return Path(datasets.__file__).resolve()


def _system_paths() -> list[Path]:
    """What a Python process needs to start, besides packages: libraries and interpreter."""
    python = Path(_python())
    wanted = [Path(p) for p in ("/usr/lib", "/usr/lib64", "/usr/lib32", "/lib", "/lib64", "/lib32")]
    wanted += [Path("/etc/ld.so.cache"), Path("/usr/share/zoneinfo"), Path("/usr/local/lib")]
    wanted += [python, Path(sys.base_prefix).resolve() / "lib"]
    wanted += [Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")]
    found: list[Path] = []
    for path in wanted:
        if path.exists() and path not in found:
            found.append(path)
    return found


def _package_folders() -> Iterator[Path]:
    """Folders below the system paths that hold installed packages, which must not be seen."""
    seen = set()
    for root in _system_paths():
        if root.is_dir():
            for pattern in ("python3*/*-packages", "*-packages"):
                for path in root.glob(pattern):
                    if path.is_dir() and not path.is_symlink() and path not in seen:
                        seen.add(path)
                        yield path


def _without_packages(path: Path) -> Iterator[Path]:
    """``path``, or what it holds, so that no folder of installed packages is below the result."""
    hidden = set(_package_folders())
    if not any(other.is_relative_to(path) for other in hidden):
        yield path
        return
    if path in hidden:
        return
    for child in path.iterdir():
        if child in hidden:
            continue
        if child.is_dir() and not child.is_symlink():
            yield from _without_packages(child)
        else:
            yield child


def _plain(name: str) -> str:
    """The name of a distribution as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def importable() -> frozenset[str]:
    """Names of the modules that a submission may import besides Python's own and the kit's."""
    return frozenset(name.split(".")[0] for name, _ in _site_entries())


@rooms.kept
def _site_entries() -> tuple[tuple[str, Path], ...]:
    """The top-level files and folders of what a submission may import, by name."""
    entries: dict[str, Path] = {}
    wanted = [*DISTRIBUTIONS, *settings().packages]
    waiting, done = list(wanted), set()
    while waiting:
        name = _plain(waiting.pop())
        if name in done:
            continue
        done.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            if name in DISTRIBUTIONS:
                raise SandboxError(f"the package {name} is not installed") from None
            if name in map(_plain, settings().packages):
                raise SandboxError(
                    f"{settings().path} lets submissions import {name}, which is not installed: "
                    f"pip install {name}"
                ) from None
            continue  # needed on other systems only
        for requirement in distribution.requires or ():
            if "extra ==" not in requirement:
                match = re.match(r"[A-Za-z0-9._-]+", requirement)
                if match is not None:
                    waiting.append(match.group())
        for file in distribution.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__", "/") and top not in entries:
                path = Path(str(distribution.locate_file(top))).resolve()
                if path.exists():
                    entries[top] = path
    return tuple(sorted(entries.items()))
