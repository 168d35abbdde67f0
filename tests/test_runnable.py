"""Which cells run, and as what."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.assignments import find
from autograder.notebook import Cell, Notebook
from autograder.runnable import runnable_cells


def run(*cells: Cell) -> list[tuple[int, str, str]]:
    found = runnable_cells(Notebook(Path("n.ipynb"), cells), find("convolution"))
    return [(entry.index, entry.cell.label, entry.cell.source) for entry in found]


def test_experiments_checks_and_text_are_left_out() -> None:
    assert run(
        Cell("markdown", "# text"),
        Cell("code", "a = 1"),
        Cell("code", "slow()", tags=frozenset({"experiment", "x"})),
        Cell("code", 'check("conv_cost")', "conv_cost"),
        Cell("code", "def conv_cost(): ...", "conv_cost-code"),
        Cell("code", "  \n"),
        Cell("code", "assert True", "own-test"),
    ) == [
        (1, "cell 1", "a = 1"),
        (4, "cell 4 (conv_cost-code)", "def conv_cost(): ..."),
        (6, "cell 6 (own-test)", "assert True"),
    ]


@pytest.mark.parametrize(
    "source", ["%matplotlib inline\na = 1", "!ls\na = 1", "%%time\na = 1", "b = !ls\na = 1", "a?"]
)
def test_magics_become_python(source: str) -> None:
    ((_, _, plain),) = run(Cell("code", source))
    compile(plain, "cell", "exec")
    assert "get_ipython()" in plain


@pytest.mark.parametrize("source", ["x = 5 % 3", "s = '%d' % 3", "a = (1\n% 2)"])
def test_percent_signs_are_not_magics(source: str) -> None:
    ((_, _, plain),) = run(Cell("code", source))
    space: dict[str, object] = {}
    exec(plain, space)
