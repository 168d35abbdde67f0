"""Things to play with in a real browser: each is moved in JupyterLab, and its picture follows."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from browsing import browser, needs_browser, server
from test_play import MAKERS

pytestmark = needs_browser

TESTS = Path(__file__).parent


def press_end(cell: Any) -> None:
    cell.locator(".noUi-handle").first.press("End")


def select(option: str) -> Callable[[Any], None]:
    def act(cell: Any) -> None:
        cell.locator("select", has=cell.page.locator(f'option[value="{option}"]')).select_option(
            option
        )

    return act


def click(name: str) -> Callable[[Any], None]:
    return lambda cell: cell.get_by_role("button", name=name, exact=True).click()


ACTS: dict[str, tuple[Callable[[Any], None], str]] = {
    "sliding_filter": (click("Next place"), "row 0, column 1 and writes"),
    "activation_map": (select("sharpen"), "The map of 'sharpen'"),
    "padding_and_stride": (press_end, "(16 + 2·1 − 3) / 2 = 15 / 2 is not a whole number"),
    "receptive_fields": (click("Add a layer"), "sees 7 pixels"),
    "pooling_and_shifts": (select("bars"), "Bars, moved by 1"),
    "normalizations": (select("layer norm"), "24 numbers share a mean"),
    "train_and_test": (press_end, "momentum 0.99"),
    "draw_digit": (click("row 0, column 0: empty"), "your drawing"),
}


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    cells = [f"import sys\nsys.path.insert(0, {str(TESTS)!r})\nfrom test_play import MAKERS"]
    cells += [f"MAKERS[{name!r}]()" for name in MAKERS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(made, tmp_path / "things.ipynb")
    return tmp_path / "things.ipynb"


def test_every_thing_answers_when_it_is_moved(notebook: Path) -> None:
    home = notebook.parent
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {**os.environ, **{name: str(home / name) for name in names}}
    options = ["--LabApp.expose_app_in_browser=True"]
    with server("jupyterlab", options, "/api", environment, home) as lab, browser() as running:
        page = running.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(120_000)
        page.goto(f"{lab}/lab/tree/things.ipynb", timeout=120_000)
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status"
            " === 'idle'"
        )
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        for number, name in enumerate(MAKERS, 1):
            act, said = ACTS[name]
            page.evaluate(
                """async number => {
                    const content = window.jupyterapp.shell.currentWidget.content;
                    content.activeCellIndex = number;
                    await content.scrollToItem(number, 'start');
                }""",
                number,
            )
            cell = page.locator(".jp-Cell.jp-mod-active")
            caption, picture = cell.locator("figcaption"), cell.locator("figure img")
            caption.wait_for()
            before = picture.get_attribute("alt"), picture.get_attribute("src")
            assert said not in caption.inner_text()
            act(cell)
            caption.filter(has_text=said).wait_for()
            after = picture.get_attribute("alt"), picture.get_attribute("src")
            assert all(a != b for a, b in zip(before, after, strict=True)), name
            folder = os.environ.get("AUTOGRADER_SCREENSHOTS")
            if folder:
                page.screenshot(path=Path(folder) / f"play-{name}.png")
        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.model?.dirty")
    saved = nbformat.read(notebook, 4)
    for cell, name in zip(saved.cells[1:], MAKERS, strict=True):
        assert ACTS[name][1] in cell.outputs[1].data["text/plain"].replace("\n", " "), name
