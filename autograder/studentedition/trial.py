"""Tries a student edition as a student would: a new environment, the wheel, a task, offline."""

from __future__ import annotations

import ensurepip
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ..release import ReleaseError
from .edition import Edition

__all__ = ["Dependencies", "attempt"]

Dependencies = Literal["empty", "borrowed"]
"""Where the environment's dependencies come from: installed by pip into an empty one, from where
pip is set up to find packages; or borrowed from this Python, without any network."""

PATIENCE = 900
"""Seconds that one step may take; installing a desk from a slow mirror takes minutes."""

INSIDE = Path(__file__).with_name("inside.py")


def attempt(
    edition: Edition,
    notebooks: Mapping[str, Any],
    dependencies: Dependencies,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Install ``edition`` into a new environment, and check a task before and after it is solved.

    ``notebooks`` are the source notebooks, for the solutions. Raises
    :class:`~autograder.release.ReleaseError` with what went wrong.
    """
    with tempfile.TemporaryDirectory(prefix="autograder-trial-") as name:
        folder = Path(name)
        home = folder / "student"
        for path, data in edition.files.items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(data)
        python = _environment(folder / "environment", dependencies)
        if dependencies == "empty":
            say("trial: installing what requirements.txt lists; this takes minutes")
            _run(python, ["-m", "pip", "install", "-q", "-r", "requirements.txt"], home)
        else:
            wheel = f"kit/{edition.wheel.name}"
            bundled = _pip()
            pip = ["-m", "pip"] if bundled is None else [str(bundled / "pip")]
            _run(python, [*pip, "install", "-q", "--no-deps", "--no-index", wheel], home)
        cut = _without_network()
        program = python.with_name("autograder" + python.suffix)
        said = _run(program, ["--version"], home, cut)
        if "student edition" not in said or edition.wheel.version not in said:
            raise ReleaseError(f"the installed edition calls itself {said.strip()!r}")
        entries = [_first_task(edition, notebooks[name], name) for name in edition.assignments]
        found = json.loads(_run(python, ["-I", str(INSIDE)], home, cut, json.dumps(entries)))
        _judge(found, folder / "environment")
        (first, *_) = edition.assignments
        notebook = f"{first}/{first}.ipynb"
        report = json.loads(_run(program, ["check", "--json", notebook], home, cut, code=1))
        if report["status"] != "graded" or report["points"]:
            raise ReleaseError(f"autograder check {notebook} gave {report['message'] or report}")
        where = "offline" if cut else "with the network on, which cannot be cut here"
        say(
            f"trial: it installs ({dependencies} environment), and {where}, a task is checked "
            f"before and after it is solved: {', '.join(entry['task'] for entry in entries)}"
        )


def _environment(folder: Path, dependencies: Dependencies) -> Path:
    """A new environment; its Python."""
    with_pip = dependencies == "empty" or _pip() is None
    venv.create(folder, with_pip=with_pip, symlinks=os.name != "nt")
    scripts = "Scripts" if os.name == "nt" else "bin"
    python = folder / scripts / ("python.exe" if os.name == "nt" else "python")
    if dependencies == "borrowed":
        # A folder that is named in a .pth file comes last, and its own .pth files do not count:
        # so this kit itself, where it is installed for development, cannot be imported.
        variables = {"base": str(folder), "platbase": str(folder)}
        site = Path(sysconfig.get_path("purelib", "venv", vars=variables))
        here = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
        (site / "borrowed.pth").write_text("".join(f"{path}\n" for path in here), encoding="utf-8")
    return python


def _pip() -> Path | None:
    """The wheel of pip that Python brings along, if it does: pip runs from it as it is, and putting
    it into an environment takes most of the time of making one."""
    return next(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"), None)


def _first_task(edition: Edition, notebook: Any, name: str) -> dict[str, str]:
    """The first task of an assignment that is graded by checks, unsolved and solved."""
    released = json.loads(edition.files[f"{name}/{name}.ipynb"])
    cells = {cell["id"]: "".join(cell["source"]) for cell in released["cells"]}
    for cell in notebook.cells:
        if cell["id"].endswith("-code") and cell["id"] in cells:
            return {
                "notebook": f"{name}/{name}.ipynb",
                "task": cell["id"].removesuffix("-code"),
                "unsolved": cells[cell["id"]],
                "solved": cell.source,
            }
    raise ReleaseError(f"{name} has no task that checks grade")


def _judge(found: Mapping[str, Any], environment: Path) -> None:
    if not Path(found["package"]).is_relative_to(environment.resolve()):
        raise ReleaseError(f"not the wheel was imported but {found['package']}")
    for task in found["tasks"]:
        before, after = task["unsolved"], task["solved"]
        if before["status"] != "graded" or before["points"] != 0:
            raise ReleaseError(f"{task['task']}, not solved yet, gets {before}")
        if after["status"] != "graded" or after["points"] != after["most"]:
            raise ReleaseError(f"{task['task']}, with the course's own solution, gets {after}")


def _without_network() -> list[str]:
    """What to put before a command so that it runs without network; nothing where that can't be."""
    for prefix in (
        ["unshare", "-n"],
        ["unshare", "-r", "-n"],
        ["sandbox-exec", "-p", "(version 1)(allow default)(deny network*)"],
    ):
        if (
            shutil.which(prefix[0])
            and not subprocess.run(
                [*prefix, sys.executable, "-c", ""], capture_output=True, check=False
            ).returncode
        ):
            return prefix
    return []


def _run(
    program: Path,
    arguments: Sequence[str],
    folder: Path,
    prefix: Sequence[str] = (),
    given: str = "",
    code: int = 0,
) -> str:
    # Nothing of this Python's own may help: neither its paths nor its packages.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    environment = {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment |= {"MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"}
    command = [*prefix, str(program), *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, input=given, capture_output=True,
            encoding="utf-8", timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ReleaseError(f"the trial was stopped after {PATIENCE} seconds: {command}") from None
    if done.returncode != code:
        said = (done.stderr.strip() or done.stdout.strip())[-1500:]
        raise ReleaseError(f"the trial failed at {' '.join(command)}:\n{said}")
    return done.stdout
