"""Every notebook at a student's desk, in a real browser: JupyterLab 4 and Notebook 7.

All cells are run as they were handed out; then a task is written wrongly and rightly, and what its
check says is read from the page.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.assignments import find
from autograder.mistakes import catalogue
from browsing import (
    DESKS,
    browser,
    cell,
    jupyter,
    new_page,
    open_notebook,
    quiet_jupyter,
    run,
    run_all_cells,
    screenshot,
    write,
)

ROOT = Path(__file__).parent.parent

TRIES = {
    "convolution": ("conv_output_size", "pad_counted_once", "matched"),
    "pooling": ("avg_pool_forward_naive", "sum_only", "own_sum"),
    "normalization": ("identity_scale_shift", "variance_as_gamma", "by_hand"),
    "convnet": ("relu_forward", "mask_only", "where"),
}
"""By assignment: a task, what is wrong with a first try, and a right answer."""


def answer(kind: str, assignment: str, task: str, name: str) -> str:
    """Code of the task, from what is kept to test the checks with."""
    path = ROOT / "autograder" / kind / assignment / task / f"{name}.py"
    return path.read_text(encoding="utf-8").strip()


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a folder for each desk: all notebooks, as they are released."""
    home = tmp_path_factory.mktemp("desks")
    environment = quiet_jupyter(home)
    folder = home / "work"
    for desk in DESKS:
        shutil.copytree(ROOT / "assignments", folder / desk)
    with jupyter(environment, folder) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser that keeps what it has loaded from page to page, as a student's does."""
    with browser() as running:
        yield running.new_context(viewport={"width": 1280, "height": 1000})


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    opened = new_page(chromium)
    yield opened
    # Kernels would go on beside the next test.
    opened.evaluate("() => window.jupyterapp?.serviceManager.sessions.shutdownAll()")
    opened.close()


def printed(cells: list[dict[str, Any]], stream: str) -> str:
    return "".join(
        output["text"] if isinstance(output["text"], str) else "".join(output["text"])
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "stream" and output["name"] == stream
    )


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("assignment", TRIES)
def test_a_released_notebook_runs_and_a_task_is_checked(
    assignment: str, desk: str, desks: str, page: Any
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_notebook(page, desks, desk, f"{desk}/{assignment}/{assignment}.ipynb")
    pictures = f"{assignment}-{desk}"

    cells = run_all_cells(page)
    raised = [
        (cell["id"], output["ename"], output["evalue"])
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]
    assert raised == []
    assert printed(cells, "stderr") == ""
    # A picture waits for a function by its name, and blames nobody.
    said = printed(cells, "stdout")
    assert "There is something to see here once you have written" in said
    assert "because of" not in said
    cell(page, "progress").locator(".jp-OutputArea-output").first.wait_for()
    screenshot(page, f"{pictures}-1-all-cells")

    task, mistake, right = TRIES[assignment]
    known = next(
        m
        for m in catalogue.all_mistakes(assignment)
        if m.name.partition(".")[2] == mistake and task.startswith(m.operator)
    )
    write(page, f"{task}-code", answer("mistakes/specimens", assignment, task, mistake))
    checked = run(page, task)
    checked.get_by_text(f"exactly what you get when {known.sentence}").first.wait_for()
    assert f"Hint. {known.hint}" in checked.inner_text()
    assert "Traceback" not in checked.inner_text()
    screenshot(page, f"{pictures}-2-wrong")

    write(page, f"{task}-code", answer("variants", assignment, task, right))
    checked = run(page, task)
    points = f"{find(assignment).task(task).points:g}"
    checked.get_by_text(f"{points} of {points} points").wait_for()
    assert re.search(r"(\d+) of \1 checks passed", checked.inner_text())
    screenshot(page, f"{pictures}-3-right")

    assert [url for url in asked if not url.startswith((desks, "data:", "blob:"))] == []
