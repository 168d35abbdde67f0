"""The command, run as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

from autograder import cli
from autograder.report import SCHEMA_FILE

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def files(example_class: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    built = example_class.build(tmp_path_factory.mktemp("cli"))
    return {path.parent.parent.name: path for path in built}


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_check_says_what_is_wrong(files: dict[str, Path]) -> None:
    done = run("check", files["hugo"])
    assert done.returncode == 1, done.stderr
    assert "✗ first examples: failed" in done.stdout
    assert "flipped" in done.stdout
    assert "(hidden)" not in done.stdout


def test_check_of_a_correct_notebook(files: dict[str, Path]) -> None:
    done = run("check", files["ben"])
    assert done.returncode == 0, done.stdout
    assert "91 of 91 points" in done.stdout


def test_grade_writes_reports_and_a_bar_decides(files: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "reports"
    done = run("grade", files["ben"], files["finn"], "--out", out, "--json", "--fail-under", 60)
    assert done.returncode == 1, done.stderr
    schema = json.loads(SCHEMA_FILE.read_text())
    for report in json.loads(done.stdout):
        jsonschema.validate(report, schema)
    assert sorted(path.name for path in out.glob("convolution/*.json")) == ["ben.json", "finn.json"]


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["grade", "--help"]])
def test_help(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 0
    assert "usage: autograder" in done.stdout


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        (b"{", "not valid JSON"),
        (b'{"nbformat": 4, "cells": []}', "no task"),
    ],
)
def test_unreadable_input_is_one_line_and_exit_2(
    content: bytes | None, says: str, files: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "bad.ipynb"
    if content is not None:
        path.write_bytes(content)
    for command in ("check", "grade"):
        done = run(command, path)
        assert done.returncode == 2, done.stdout
        assert says in done.stdout
        assert len(done.stdout.strip().splitlines()) == 1
        assert "Traceback" not in done.stdout + done.stderr


def test_wrong_usage_is_exit_2(files: dict[str, Path]) -> None:
    assert run().returncode == 2
    assert run("grade", files["ben"], "--fail-under", "many").returncode == 2
    assert run("grade", files["ben"], "--isolation", "none").returncode == 2


def test_a_weak_sandbox_is_refused_and_named(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.worker.sandbox.shutil.which", lambda name, path=None: None)
    monkeypatch.setattr("autograder.worker.zygote.landlock_version", lambda: 0)
    assert cli.main(["grade", str(files["gita"])]) == 3
    assert cli.main(["grade", str(files["gita"]), "--isolation", "process", "--json"]) == 0
