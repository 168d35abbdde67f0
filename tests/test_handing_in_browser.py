"""The button at the end of a notebook, pressed in a real browser, in JupyterLab and Notebook 7.

Which file a notebook is, only the server can tell its kernel; so this needs a real one.
``AUTOGRADER_SCREENSHOT=docs/images/handing-in.png`` keeps the picture of JupyterLab.
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

ANSWER = """def same_padding(kernel):
    return half(kernel)
"""


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Jupyter server whose notebook lies in a folder below its own, as a course's
    does; a task calls a function that no cell defines."""
    home = tmp_path_factory.mktemp("jupyter")
    notebook = json.loads(
        (ROOT / "assignments/convolution/convolution.ipynb").read_text(encoding="utf-8")
    )
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "same_padding-code":
            cell["source"] = ANSWER
    folder = home / "convolution"
    folder.mkdir()
    (folder / "convolution.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    environment = quiet_jupyter(home)
    environment.pop("JPY_SESSION_NAME", None)
    options = [
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]
    with server("notebook", options, "/api", environment, home) as address:
        yield address


@pytest.mark.parametrize("front_end", ["lab/tree", "notebooks"])
def test_the_button_finds_its_file_and_says_what_is_to_be_mended(
    front_end: str, jupyter: str
) -> None:
    with browser() as running:
        page = running.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(f"{jupyter}/{front_end}/convolution/convolution.ipynb", timeout=120_000)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
        page.wait_for_function(
            "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status"
            " === 'idle'",
            timeout=120_000,
        )
        page.evaluate(
            """async () => {
                const app = window.jupyterapp;
                const content = app.shell.currentWidget.content;
                content.activeCellIndex = content.model.cells.length - 1;
                await content.scrollToItem(content.activeCellIndex, 'center');
                await app.commands.execute('notebook:run-cell');
            }"""
        )
        button = page.get_by_role("button", name="Check what I will hand in")
        button.click(timeout=120_000)
        output = page.locator(".jp-OutputArea-output", has_text="thing to mend").first
        output.wait_for(timeout=120_000)
        text = output.inner_text()
        picture = os.environ.get("AUTOGRADER_SCREENSHOT")
        if picture and front_end.startswith("lab"):
            page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
            output.scroll_into_view_if_needed()
            page.wait_for_timeout(1500)
            page.screenshot(path=picture)
    assert "Not ready: 1 thing to mend" in text
    assert "name 'half' is not defined" in text
    assert "Traceback" not in text
