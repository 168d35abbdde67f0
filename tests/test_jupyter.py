"""``check`` as a student meets it, in a real kernel."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder import check

ROOT = Path(__file__).parent.parent


def run(*sources: str) -> list[nbformat.NotebookNode]:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    client = NotebookClient(notebook, kernel_name="python3", timeout=120, allow_errors=True)
    client.execute()
    return notebook.cells


@pytest.fixture(scope="module")
def cells() -> list[nbformat.NotebookNode]:
    return run(
        "from autograder import check",
        "def same_padding(kernel):\n    return (kernel - 1) / 2",
        'check("same_padding")',
        "def same_padding(kernel):\n    if kernel % 2 == 0:\n        raise ValueError('even')\n"
        "    return (kernel - 1) // 2",
        'check("same_padding")',
        'check("conv_cost")',
        'check("nonsense")',
    )


def test_plain_text_is_a_number_of_points(cells: list[nbformat.NotebookNode]) -> None:
    assert [cells[i].outputs[0].data["text/plain"] for i in (2, 4, 5)] == ["0", "2", "0"]


def test_html_says_what_to_do(cells: list[nbformat.NotebookNode]) -> None:
    wrong, right, missing = (cells[i].outputs[0].data["text/html"] for i in (2, 4, 5))
    assert "float" in wrong
    assert "//" in wrong
    assert "Next task" in right
    assert "not written yet" in missing


def test_an_unknown_task_is_named(cells: list[nbformat.NotebookNode]) -> None:
    said = cells[6].outputs[0].evalue
    assert "is no task; tasks are " in said
    assert "conv_output_size" in said


def test_a_misspelt_task_is_guessed() -> None:
    with pytest.raises(ValueError, match="did you mean conv_output_size"):
        check("conv_outputsize")


def test_the_model_solution_passes_its_own_checks() -> None:
    notebook = nbformat.read(ROOT / "solutions/convolution/convolution.ipynb", as_version=4)
    NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    for cell in notebook.cells:
        info = cell.metadata.get("nbgrader", {})
        if info.get("grade") and cell.cell_type == "code":
            assert float(cell.outputs[0].data["text/plain"]) == info["points"], info["grade_id"]
