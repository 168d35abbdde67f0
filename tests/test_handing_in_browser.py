"""The button at the end of a notebook, pressed in a real browser, in JupyterLab and Notebook 7.

Which file a notebook is, only the server can tell its kernel; so this needs a real one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from browsing import (
    DESKS,
    browser,
    cell,
    faults,
    jupyter,
    new_page,
    open_notebook,
    quiet_jupyter,
    run,
    screenshot,
    wear,
)

ROOT = Path(__file__).parent.parent

ANSWER = """def same_padding(kernel):
    return half(kernel)
"""


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Jupyter server whose notebook lies in a folder below its own, as a course's
    does; a task calls a function that no cell defines."""
    home = tmp_path_factory.mktemp("jupyter")
    notebook = json.loads(
        (ROOT / "assignments/convolution/convolution.ipynb").read_text(encoding="utf-8")
    )
    for each in notebook["cells"]:
        if each["metadata"].get("nbgrader", {}).get("grade_id") == "same_padding-code":
            each["source"] = ANSWER
    folder = home / "convolution"
    folder.mkdir()
    (folder / "convolution.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    with jupyter(quiet_jupyter(home), home) as address:
        yield address


@pytest.mark.parametrize("desk", DESKS)
def test_the_button_finds_its_file_and_says_what_is_to_be_mended(desk: str, desks: str) -> None:
    with browser() as running:
        page = new_page(running)
        open_notebook(page, desks, desk, "convolution/convolution.ipynb")
        there = run(page, "from-autograder-import-submit-check")
        there.get_by_role("button", name="Check what I will hand in").click()
        output = there.locator(".jp-OutputArea-output", has_text="thing to mend").first
        output.wait_for()
        text = output.inner_text()
        name = "from-autograder-import-submit-check"
        cell(page, name)
        screenshot(page, f"handing-in-{desk}")
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            wear(page, theme)
            cell(page, name)  # a change of theme may scroll
            assert faults(page, f'[data-cell="{name}"] .jp-OutputArea') == [], theme
    assert "Not ready: 1 thing to mend" in text
    assert "name 'half' is not defined" in text
    assert "Traceback" not in text
