"""The floors: imports go down, and what students do not get stays out of reach."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--no-cache", "--config", str(folder / "pyproject.toml")]
    return subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        (None, "", ""),
        ("report.py", "from . import grading", "Imports go down the floors BROKEN"),
        ("suites/public/test_convolution.py", "from autograder import reference", "get BROKEN"),
        ("worker/host.py", "from .. import mistakes", "get BROKEN"),
    ],
)
def test_contracts_hold_and_can_break(
    module: str | None, line: str, contract: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "autograder", tmp_path / "autograder")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    if module is not None:
        with (tmp_path / "autograder" / module).open("a") as file:
            file.write(f"\n{line}\n")
    done = lint(tmp_path)
    assert contract in done.stdout, done.stdout + done.stderr
    assert done.returncode == (1 if module else 0), done.stdout + done.stderr


def test_the_worker_needs_nothing_of_the_kit() -> None:
    """What runs inside imports as it does there: without the package around it."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from worker import guest, zygote; "
        "print(sorted(m for m in sys.modules if m.startswith('autograder')))"
    )
    command = [sys.executable, "-I", "-c", code, str(ROOT / "autograder")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
