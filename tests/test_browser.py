"""The opening minute of a student, in a real browser: JupyterLab, the notebook, the first check.

``AUTOGRADER_SCREENSHOT=docs/images/first-check.png`` keeps the picture.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from browsing import browser, needs_browser, quiet_jupyter, server

ROOT = Path(__file__).parent.parent

pytestmark = needs_browser

ANSWER = """def conv_output_size(size, kernel, stride=1, pad=0):
    room = size + pad - kernel
    if room < 0 or room % stride:
        raise ValueError("the filter does not fit")
    return room // stride + 1
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab on a copy of the assignment, with a first try written."""
    home = tmp_path_factory.mktemp("lab")
    notebook = json.loads((ROOT / "assignments/convolution/convolution.ipynb").read_text())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "conv_output_size-code":
            cell["source"] = ANSWER
    (home / "convolution.ipynb").write_text(json.dumps(notebook))
    environment = quiet_jupyter(home)
    options = ["--LabApp.expose_app_in_browser=True"]
    with server("jupyterlab", options, "/api", environment, home) as address:
        yield address


def test_the_first_check_in_jupyterlab(lab: str) -> None:
    with browser() as running:
        page = running.new_page(viewport={"width": 1280, "height": 900})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{lab}/lab/tree/convolution.ipynb", timeout=120_000)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
        page.wait_for_function(
            "() => window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status"
            " === 'idle'",
            timeout=120_000,
        )
        page.evaluate(
            """async () => {
                const app = window.jupyterapp;
                app.shell.collapseLeft();
                const content = app.shell.currentWidget.content;
                const cells = content.model.cells;
                for (let i = 0; i < cells.length; i++) {
                    if (cells.get(i).sharedModel.getSource() === 'check("conv_output_size")') {
                        content.activeCellIndex = i;
                        break;
                    }
                }
                await app.commands.execute('notebook:run-all-above');
                await app.commands.execute('notebook:run-cell');
                await content.scrollToItem(content.activeCellIndex, 'center');
            }"""
        )
        output = page.locator(".jp-OutputArea-output", has_text="checks passed").first
        output.wait_for(timeout=120_000)
        text = output.inner_text()
        picture = os.environ.get("AUTOGRADER_SCREENSHOT")
        if picture:
            page.wait_for_timeout(1500)
            page.screenshot(path=picture)
    assert "Output size" in text
    assert "exactly what you get when the padding is added on one side only" in text
    assert "Hint." in text
    assert "Traceback" not in text
    outside = [url for url in asked if not url.startswith((lab, "data:", "blob:"))]
    assert not outside
