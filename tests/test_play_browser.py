"""Things to play with in a real browser: each is moved in JupyterLab, and its picture follows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from browsing import (
    browser,
    cell,
    faults,
    jupyter,
    new_page,
    open_notebook,
    quiet_jupyter,
    run_all_cells,
    screenshot,
)
from test_play import MAKERS

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


HANDLES = ".noUi-handle"
"""ipywidgets writes a slider's label beside it, and does not tie it to the handle: to axe the
handle has no name. Nothing that ipywidgets takes from us changes that; docs/play.md says it."""


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    start = f"import sys\nsys.path.insert(0, {str(TESTS)!r})\nfrom test_play import MAKERS"
    cells = {"start": start, **{name: f"MAKERS[{name!r}]()" for name in MAKERS}}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    made.cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in cells.items()]
    nbformat.write(made, tmp_path / "things.ipynb")
    return tmp_path / "things.ipynb"


def test_every_thing_answers_when_it_is_moved(notebook: Path) -> None:
    home = notebook.parent
    with jupyter(quiet_jupyter(home), home) as address, browser() as running:
        page = new_page(running)
        open_notebook(page, address, "lab", "things.ipynb")
        run_all_cells(page)
        for name in MAKERS:
            act, said = ACTS[name]
            there = cell(page, name)
            caption, picture = there.locator("figcaption"), there.locator("figure img")
            caption.wait_for()
            before = picture.get_attribute("alt"), picture.get_attribute("src")
            assert said not in caption.inner_text()
            act(there)
            caption.filter(has_text=said).wait_for()
            after = picture.get_attribute("alt"), picture.get_attribute("src")
            assert all(a != b for a, b in zip(before, after, strict=True)), name
            assert faults(page, f'[data-cell="{name}"] .jp-OutputArea', HANDLES) == [], name
            screenshot(page, f"play-{name}")
        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.model?.dirty")
    saved = nbformat.read(notebook, 4)
    for made, name in zip(saved.cells[1:], MAKERS, strict=True):
        assert ACTS[name][1] in made.outputs[1].data["text/plain"].replace("\n", " "), name
