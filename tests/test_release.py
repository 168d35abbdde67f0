"""What students get is what the source generates, and holds no solution."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder import release
from autograder.assignments import all_assignments, find

ROOT = Path(__file__).parent.parent


NAMES = [assignment.name for assignment in all_assignments()]


def load(folder: str, name: str) -> Any:
    return nbformat.read(ROOT / folder / name / f"{name}.ipynb", as_version=4)


def info(cell: Any) -> dict[str, Any]:
    return dict(cell.metadata.get("nbgrader", {}))


def test_everything_generated_is_up_to_date() -> None:
    assert release.main(["--check"]) == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_release_is_a_valid_notebook_without_outputs(name: str) -> None:
    notebook = load("assignments", name)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(not cell.get("outputs") for cell in notebook.cells)
    ids = [cell["id"] for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_is_released(name: str) -> None:
    text = "\n".join(cell.source for cell in load("assignments", name).cells)
    assert "BEGIN" not in text
    assert "MARK SCHEME" not in text
    for cell in load("solutions", name).cells:
        parts = re.findall(r"### BEGIN (?:SOLUTION|MARK SCHEME)\n(.*?)### END", cell.source, re.S)
        for line in "\n".join(parts).splitlines():
            if len(line.strip()) > 25:
                assert line.strip() not in text, line


@pytest.mark.parametrize("name", NAMES)
def test_every_stub_says_that_nothing_is_written(name: str) -> None:
    stubs = [
        c for c in load("assignments", name).cells if info(c).get("grade_id", "").endswith("-code")
    ]
    assert len(stubs) == sum(not task.by_hand for task in find(name).tasks)
    for cell in stubs:
        space: dict[str, Any] = {}
        exec("import numpy as np\n" + cell.source, space)
        function = space[info(cell)["grade_id"].removesuffix("-code")]
        with pytest.raises(NotImplementedError):
            function(*[None] * function.__code__.co_argcount)
        assert "Returns" in function.__doc__


@pytest.mark.parametrize("name", NAMES)
def test_tasks_have_points_titles_and_times(name: str) -> None:
    path = ROOT / f"autograder/suites/public/{name}.json"
    tasks = json.loads(path.read_text())["tasks"]
    assert sum(task["points"] for task in tasks) == 100
    assert sum(task["points"] for task in tasks if task["graded"] == "automatically") == 91
    for task in tasks:
        assert 1 <= task["difficulty"] <= 5
        assert task["minutes"] > 0
        assert task["title"]


@pytest.mark.parametrize("name", NAMES)
def test_every_task_has_three_hints_and_its_check(name: str) -> None:
    cells = load("assignments", name).cells
    text = "\n".join(cell.source for cell in cells)
    for cell in cells:
        grade_id = info(cell).get("grade_id", "")
        if info(cell).get("grade") and cell.cell_type == "code":
            assert cell.source == f'check("{grade_id}")'
            assert info(cell)["locked"]
    assert text.count("<summary>Hint 1") >= sum(not task.by_hand for task in find(name).tasks)
    assert text.count("<summary>Hint 1") == text.count("<summary>Hint 3")


def test_the_worked_example_is_told() -> None:
    text = "\n".join(cell.source for cell in load("assignments", "convolution").cells)
    for number in ("10,240", "**760**", "**768,000**"):
        assert number in text
