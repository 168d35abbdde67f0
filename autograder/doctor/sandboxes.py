"""What this machine can do for grading: which sandbox works, what it stops, how to get a better.

Every level of isolation is started and tried from inside with the forbidden acts of
``worker.probe``; nothing is concluded from a version.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..worker import probe, seccomp, zygote
from ..worker.host import Sandbox, WorkerFault, start, try_acts
from ..worker.sandbox import LEVELS, Level, SandboxError

__all__ = ["Examination", "LevelResult", "examine"]


@dataclass(frozen=True)
class LevelResult:
    """How one level fared. ``problem`` is why it did not start, or is empty; ``refused`` says of
    each act whether it was; ``told`` whether the kernel reports what is refused."""

    level: Level
    problem: str = ""
    refused: dict[str, bool] = field(default_factory=dict)
    told: bool = False

    @property
    def possible(self) -> list[str]:
        """The acts that were possible."""
        return [act for act, refused in self.refused.items() if not refused]

    @property
    def keeps_its_promise(self) -> bool:
        """Whether it started, and refused all that it says it does."""
        return not self.problem and not set(self.possible) & set(probe.promised(self.level))


@dataclass(frozen=True)
class Examination:
    """What was found: facts about the machine, each level, the level chosen, what to do."""

    facts: dict[str, str]
    levels: tuple[LevelResult, ...]
    advice: tuple[str, ...]

    @property
    def chosen(self) -> Level | None:
        """The level that ``check`` takes here, and ``grade`` if :attr:`good_enough`; None where
        no worker can be started, so that ``check`` runs notebooks in its own process."""
        works = (result.level for result in self.levels if result.keeps_its_promise)
        return next(works, None)

    @property
    def good_enough(self) -> bool:
        """Whether other people's work can be graded here without lowering the bar."""
        return self.chosen in ("bubblewrap", "landlock")

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "facts": self.facts,
            "levels": [
                {
                    "level": result.level,
                    "works": result.keeps_its_promise,
                    "problem": result.problem,
                    "refused": result.refused,
                    "told": result.told,
                }
                for result in self.levels
            ],
            "chosen": self.chosen,
            "good_enough": self.good_enough,
            "advice": list(self.advice),
        }


def examine(levels: Sequence[Level] = LEVELS) -> Examination:
    """Try ``levels``, the weakest always among them. Takes about a second each."""
    wanted = [level for level in LEVELS if level in levels or level == "process"]
    results = tuple(_try(level) for level in wanted)
    facts = _facts()
    return Examination(facts, results, tuple(_advice(results, facts)))


def _try(level: Level) -> LevelResult:
    try:
        box = start(level)
    except SandboxError as error:
        return LevelResult(level, str(error))
    with box:
        try:
            refused = try_acts(box)
            return LevelResult(level, "", refused, _is_told(box))
        except WorkerFault as fault:
            return LevelResult(level, str(fault))


def _is_told(box: Sandbox) -> bool:
    worker = box.spawn()
    try:
        return worker.is_told
    finally:
        worker.close()


def _facts() -> dict[str, str]:
    user = "root" if hasattr(os, "geteuid") and os.geteuid() == 0 else "an ordinary user"
    facts = {
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "user": user,
        "Python": f"{platform.python_version()} ({sys.executable})",
        "NumPy": np.__version__,
    }
    if sys.platform == "linux":
        version = zygote.landlock_version()
        facts["bubblewrap"] = shutil.which("bwrap") or "not installed"
        facts["Landlock"] = f"version {version}" if version else "not in this kernel, or turned off"
        facts["libseccomp"] = "found" if seccomp.program(told=False) else "not found"
    return facts


def _advice(results: Sequence[LevelResult], facts: dict[str, str]) -> list[str]:
    """What to do for a better level, most useful first; empty at the best one."""
    works = {result.level for result in results if result.keeps_its_promise}
    if "bubblewrap" in works:
        return []
    if sys.platform == "darwin":
        return [
            "macOS cannot limit a worker's processes and memory. Grade other people's work on "
            "Linux: in CI, in a virtual machine, or on a server."
        ]
    if sys.platform == "win32":
        return [
            "Windows cannot start a worker. Grade in WSL2 ('wsl --install'), on Linux, or in CI."
        ]
    advice = []
    if facts.get("bubblewrap") == "not installed":
        advice.append(
            "Install bubblewrap: 'apt install bubblewrap' on Debian and Ubuntu, 'dnf install "
            "bubblewrap' on Fedora, 'apk add bubblewrap' on Alpine."
        )
    elif any(result.level == "bubblewrap" and result.problem for result in results):
        advice.append(
            "bubblewrap is installed and may not make user namespaces here. On Ubuntu 24.04 and "
            "later, an administrator allows it with an AppArmor profile for bwrap (package "
            "apparmor-profiles), or for all programs with 'sysctl "
            "kernel.apparmor_restrict_unprivileged_userns=0'. In a container, the one who starts "
            "it decides (Docker: --security-opt seccomp=unconfined --security-opt "
            "apparmor=unconfined)."
        )
    if "landlock" not in works:
        if facts.get("libseccomp") == "not found":
            advice.append(
                "Install libseccomp: 'apt install libseccomp2', 'dnf install libseccomp'."
            )
        if facts.get("Landlock", "").startswith("not"):
            advice.append(
                "Landlock needs Linux 5.13 or newer; where it is turned off, add it to the list "
                "on the kernel's command line: lsm=landlock,…"
            )
    return advice
