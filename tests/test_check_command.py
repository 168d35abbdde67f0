"""``autograder check``: once, for some tasks, as a map, and whenever the notebook is saved."""

from __future__ import annotations

import io
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from autograder import checking, cli
from autograder.assignments import TEXT_STUB
from autograder.report import SCHEMA_FILE
from autograder.worker.host import Sandbox

ROOT = Path(__file__).parent.parent

RIGHT = (
    "def same_padding(kernel):\n    if kernel % 2 == 0:\n        raise ValueError('even')\n"
    "    return (kernel - 1) // 2"
)
WRONG = "def same_padding(kernel):\n    return kernel // 2"
SIZE = (
    "def conv_output_size(size, kernel, stride=1, pad=0):\n"
    "    return (size + pad - kernel) // stride + 1"
)


def text(*sources: str, answer: str = TEXT_STUB) -> str:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": s}
        for s in sources
    ]
    cells.append(
        {
            "cell_type": "markdown",
            "metadata": {"nbgrader": {"grade_id": "written_filters"}},
            "source": f"### Question B\n\n{answer}",
        }
    )
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "mine.ipynb"
    path.write_text(text(WRONG, SIZE))
    return path


@pytest.fixture
def opened(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[Sandbox]:
    """The sandboxes that the command opens: always the one of these tests."""
    made: list[Sandbox] = []

    class Borrowed:
        def __enter__(self) -> Sandbox:
            made.append(sandbox)
            return sandbox

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(checking, "open_sandbox", lambda weakest: Borrowed())
    return made


def test_only_the_tasks_that_are_named(
    notebook: Path, opened: list[Sandbox], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(notebook), "--json", "--task", "same_padding"]) == 1
    data = json.loads(capsys.readouterr().out)
    jsonschema.validate(data, json.loads(SCHEMA_FILE.read_text()))
    assert [task["task"] for task in data["tasks"]] == ["same_padding"]
    assert data["max_points"] == 2
    check = next(c for c in data["tasks"][0]["checks"] if c["verdict"] == "failed")
    assert check["evidence"]["call"] == "same_padding(2)"


def test_a_task_that_is_not_there_is_named(
    notebook: Path, opened: list[Sandbox], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(notebook), "--task", "nonsense"]) == 2
    said = capsys.readouterr().err
    assert "nonsense" in said
    assert "same_padding" in said
    assert cli.main(["check", str(notebook), "--task", "written_filters"]) == 2


def test_plain_text_where_no_terminal_is(
    notebook: Path, opened: list[Sandbox], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(notebook)]) == 1
    said = capsys.readouterr().out
    assert "✓ passed: first examples" in said
    assert "same_padding(2)" in said
    assert "Next: Output size (conv_output_size), about 5 minutes." in said
    assert "\x1b" not in said
    assert "──" not in said


def test_the_map_says_how_far_one_is(
    notebook: Path, opened: list[Sandbox], capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.write_text(text(RIGHT, SIZE, answer="Edges, and colours."))
    assert cli.main(["check", str(notebook), "--progress"]) == 1
    lines = capsys.readouterr().out.splitlines()
    by_task = {line[4:].split("  ")[0]: line for line in lines[1:-1]}
    assert len(by_task) == 15
    assert "✓" in by_task["Same padding"]
    assert by_task["Same padding"].endswith("done")
    assert by_task["Output size"].startswith(">")
    assert by_task["Output size"].endswith("of 4 checks passed")
    assert by_task["What filters look for"].endswith("written; a person reads it")
    assert lines[-1].startswith("Next: Output size (conv_output_size)")


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    screen = io.StringIO()

    def console(**options: Any) -> Console:
        file = io.StringIO() if options.get("stderr") else screen
        return Console(file=file, force_terminal=True, width=110, color_system=None)

    monkeypatch.setattr(checking, "Console", console)
    return screen


def test_tables_on_a_terminal(
    notebook: Path, opened: list[Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = on_a_terminal(monkeypatch)
    assert cli.main(["check", str(notebook)]) == 1
    said = screen.getvalue()
    assert "─ Same padding ─" in said or "\nSame padding ──" in said
    assert "same_padding(2)" in said
    assert "not written yet" in said
    assert "[/" not in said
    assert cli.main(["check", str(notebook), "--progress"]) == 1
    assert "how far" in screen.getvalue()


def test_what_a_student_wrote_is_no_markup(
    notebook: Path, opened: list[Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = on_a_terminal(monkeypatch)
    notebook.write_text(text("def same_padding(kernel):\n    return '[red]x[/red] \\x1b[2J'"))
    assert cli.main(["check", str(notebook), "--task", "same_padding"]) == 1
    assert "[red]x[/red]" in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()


def saves(path: Path, *steps: Callable[[], object]) -> Callable[..., Iterator[set[Any]]]:
    """Stands for watchfiles: each step is a save, and then somebody presses Ctrl-C."""

    def watch(folder: Path, **_: Any) -> Iterator[set[Any]]:
        assert folder == path.parent
        for step in steps:
            step()
            yield set()
        raise KeyboardInterrupt

    return watch


def test_watching_says_what_changed_and_keeps_one_sandbox(
    notebook: Path,
    opened: list[Sandbox],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    steps = (
        lambda: notebook.write_text(text(RIGHT, SIZE)),
        lambda: None,  # nothing was saved, so nothing is checked
        lambda: notebook.write_text(text(RIGHT, SIZE)[:200]),
        notebook.unlink,
        lambda: notebook.write_text(text(WRONG, SIZE, "# the same otherwise")),
        lambda: notebook.write_text(text(WRONG, SIZE, "# nothing of importance")),
    )
    monkeypatch.setattr("watchfiles.watch", saves(notebook, *steps))
    arguments = ["check", str(notebook), "--watch", "--task", "same_padding"]
    assert cli.main(arguments) == 0
    assert len(opened) == 1
    said = capsys.readouterr().out
    news = [
        line for line in said.splitlines()
        if line.startswith(("Newly", "No longer", "Points", "Nothing")) or "checked again" in line
    ]  # fmt: skip
    assert news[0] == "Newly passed: same_padding: sizes that do not fit raise ValueError"
    assert news[1].startswith("Points: ")
    assert "not valid JSON" in news[2]
    assert "no such file" in news[3]
    assert news[4] == "No longer passed: same_padding: sizes that do not fit raise ValueError"
    assert news[6] == "Nothing has changed since the last check."
    assert len(news) == 7


def test_watching_as_json_is_a_line_for_each_check(
    notebook: Path,
    opened: list[Sandbox],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    step = saves(notebook, lambda: notebook.write_text(text(RIGHT)))
    monkeypatch.setattr("watchfiles.watch", step)
    assert cli.main(["check", str(notebook), "--watch", "--json", "--task", "same_padding"]) == 0
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [report["points"] == report["max_points"] for report in reports] == [False, True]


def test_a_folder_that_is_not_there_cannot_be_watched(
    tmp_path: Path, opened: list[Sandbox], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(tmp_path / "no" / "a.ipynb"), "--watch"]) == 2
    assert "no folder" in capsys.readouterr().err


def until(process: subprocess.Popen[bytes], ending: str) -> str:
    """What ``process`` prints until it has said ``ending``."""
    assert process.stdout is not None
    said, patience = "", time.monotonic() + 120
    while ending not in said:
        ready, _, _ = select.select([process.stdout], [], [], max(0, patience - time.monotonic()))
        piece = os.read(process.stdout.fileno(), 1 << 16).decode() if ready else ""
        if not piece:
            raise AssertionError(f"it never said {ending!r}, but: {said}")
        said += piece
    return said


def test_a_real_save_is_seen_and_ctrl_c_ends_it(notebook: Path) -> None:
    command = [
        sys.executable, "-m", "autograder.cli", "check", str(notebook), "--watch",
        "--task", "same_padding",
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert "✗ sizes that do not fit" in until(process, "Ctrl-C ends.")
            # As Jupyter's server saves: another file takes its place.
            part = notebook.with_name("part")
            part.write_text(text(RIGHT, SIZE))
            part.replace(notebook)
            assert "Newly passed: same_padding" in until(process, "Ctrl-C ends.")
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    assert b"Traceback" not in errors
