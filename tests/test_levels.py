"""Every level of isolation on every kind of machine: users, containers, older kernels."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import machines
from autograder import cli
from autograder.doctor import sandboxes
from autograder.worker import probe, sandbox
from autograder.worker.host import Cell, Sandbox, SandboxedSubmission, start, try_acts
from autograder.worker.sandbox import LEVELS, Level, SandboxError

ROOT = Path(__file__).parent.parent
DOCTOR = [sys.executable, "-m", "autograder.cli", "doctor", "--json"]

Machine = Callable[[Sequence[str]], list[str]]


def both(first: Machine, second: Machine) -> Machine:
    return lambda command: first(second(command))


MACHINES: dict[str, tuple[Machine, Level]] = {
    "root": (list, "bubblewrap"),
    "ordinary user": (machines.ordinary_user, "bubblewrap"),
    "root in a container": (machines.container, "landlock"),
    "user in a container": (both(machines.ordinary_user, machines.container), "landlock"),
    "root without bubblewrap": (machines.without_bubblewrap, "landlock"),
    "user without bubblewrap": (
        both(machines.ordinary_user, machines.without_bubblewrap),
        "landlock",
    ),
    "old kernel": (machines.without_landlock, "process"),
    "old kernel, nothing installed": (
        both(machines.without_bubblewrap, machines.without_landlock),
        "process",
    ),
}


def run(machine: Machine, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(machine(command), cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", MACHINES)
def test_the_best_level_of_a_machine_is_found_and_refuses_every_act(name: str) -> None:
    machine, level = MACHINES[name]
    done = run(machine, DOCTOR)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    assert found["chosen"] == level
    assert found["good_enough"] == (level != "process")
    assert done.returncode == (0 if found["good_enough"] else 1)
    assert bool(found["advice"]) == (level != "bubblewrap")
    if level != "process":
        (result,) = [r for r in found["levels"] if r["level"] == level]
        assert all(result["refused"].values())
        assert len(result["refused"]) == len(probe.ACTS) >= 20
        assert result["told"]


def test_a_sandbox_that_has_a_listener_already_refuses_as_much_and_tells_less() -> None:
    found = json.loads(run(machines.without_notices, DOCTOR).stdout)
    assert found["chosen"] == "bubblewrap"
    for result in found["levels"]:
        assert not result["told"]
        if result["level"] in ("bubblewrap", "landlock"):
            assert all(result["refused"].values())


def test_an_ordinary_user_grades_at_both_levels() -> None:
    """The tests of the worker once more, those that use most of the system."""
    chosen = "figures or share_nothing or hang_or_die or threads or no_process or opcodes"
    command = [sys.executable, "-m", "pytest", "-q", "tests/test_worker.py", "-k", chosen]
    done = run(machines.ordinary_user, [*command, "-p", "no:hypothesispytest"])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout


def bare(**settings: Any) -> Sandbox:
    """A sandbox that confines nothing but by dropping capabilities."""
    layout = sandbox.process()
    nothing = {"seccomp": "", "seccomp_told": "", **settings}
    return Sandbox(dataclasses.replace(layout, settings={**layout.settings, **nothing}))


CAPABILITIES = {
    "read the grader's environment",
    "open the grader's memory",
    "prepare a file system",
    "make a device file",
    "set the machine's name",
}
"""Acts that fail for a lack of capabilities alone."""


def test_the_acts_are_real() -> None:
    """Nothing but the sandbox stops them: without one, they succeed."""
    with bare() as box:
        refused = {act for act, no in try_acts(box).items() if no}
    assert refused <= CAPABILITIES | {"write beside Python's library"}


@pytest.mark.parametrize("part", ["landlock", "seccomp"])
def test_each_part_of_a_level_is_needed(part: str) -> None:
    """The probe notices when one of the two is missing."""
    layout = sandbox.landlock()
    missing = {"landlock": False} if part == "landlock" else {"seccomp": "", "seccomp_told": ""}
    layout = dataclasses.replace(layout, settings={**layout.settings, **missing})
    with Sandbox(layout) as box:
        possible = {act for act, refused in try_acts(box).items() if not refused}
    assert possible & {"read the kit", "start a process"}


def test_seatbelt_is_refused_where_its_program_confines_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its command line and its start are tried with a stand-in; only macOS has the real one."""
    stand_in = tmp_path / "sandbox-exec"
    stand_in.write_text('#!/bin/sh\n[ "$1" = -p ] && shift 2\nexec "$@"\n')
    stand_in.chmod(0o755)
    monkeypatch.setattr(sandbox.shutil, "which", lambda name, path=None: str(stand_in))
    layout = sandbox.seatbelt()
    profile = layout.command[2]
    assert profile.startswith("(version 1)\n(deny default)")
    assert profile.count("(") == profile.count(")")
    assert "network" not in profile
    with Sandbox(layout) as box:
        possible = [act for act, refused in try_acts(box).items() if not refused]
        with SandboxedSubmission(box, [Cell("cell 1", "print(6 * 7)")]) as submission:
            assert submission.run()[0].output == "42\n"
    assert set(possible) & set(probe.promised("seatbelt"))


def test_levels_that_cannot_be_had_say_why() -> None:
    if sys.platform != "darwin":
        with pytest.raises(SandboxError, match="part of macOS"):
            start("seatbelt")
    assert LEVELS[-1] == "process"


def test_the_doctor_prints_every_act_and_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["doctor"])
    printed = capsys.readouterr().out
    assert code == 0
    assert "Submissions run at level bubblewrap." in printed
    assert "36 of 36" in printed
    assert "POSSIBLE" in printed  # without a sandbox
    for act in probe.ACTS:
        assert act.name in printed


def test_advice_is_for_the_machine_at_hand() -> None:
    facts = {"bubblewrap": "not installed", "Landlock": "version 4", "libseccomp": "not found"}
    refused = dict.fromkeys(probe.promised("landlock"), True)
    good = sandboxes.LevelResult("landlock", "", refused)
    none = sandboxes.LevelResult("process", "", dict.fromkeys(refused, False))
    assert "apt install bubblewrap" in " ".join(sandboxes._advice([good, none], facts))
    assert "libseccomp" in " ".join(sandboxes._advice([none], facts))
    assert "libseccomp" not in " ".join(sandboxes._advice([good, none], facts))
