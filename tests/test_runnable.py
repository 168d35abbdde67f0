"""Which cells run, and as what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignments import find
from autograder.notebook import Cell, Notebook, read
from autograder.runnable import as_checked, runnable_cells

ROOT = Path(__file__).parent.parent


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


def test_more_magics_than_a_person_writes_stay_as_they_are() -> None:
    """Rewriting takes IPython as long as the text times the number of magics."""
    ((_, _, few), (_, _, many)) = run(
        Cell("code", "x = %time 1\n" * 20), Cell("code", "x = %time 1\n" * 400)
    )
    assert "get_ipython()" in few
    assert "get_ipython()" not in many


def test_labels_are_printable() -> None:
    ((_, label, _),) = run(Cell("code", "a = 1", "a\n91 of 91\x1b[2J\u202e"))
    assert label.isprintable()


CODE = "def conv_cost():\n    return sum(helper(x) for x in range(3))"
CHECK = Cell("code", 'check("conv_cost")', "conv_cost")


@pytest.mark.parametrize(
    ("later", "spoils"),
    [
        ("def helper(x, y):\n    return 0", True),
        ("from numpy import *", True),
        ("sum = 3", True),
        ("import os as helper", True),
        ("for helper in range(3):\n    pass", True),
        ("x = 5", False),
        ("def other():\n    helper = 3", False),
        ("print(helper(2))", False),
        ("this is no Python", False),
    ],
)
def test_cells_that_replace_what_a_task_needs_are_found(later: str, spoils: bool) -> None:
    helper = Cell("code", "def helper(x):\n    return x")
    cells = (helper, Cell("code", CODE, "conv_cost-code"), CHECK, Cell("code", later))
    notebook = Notebook(Path("n.ipynb"), cells)
    entries = runnable_cells(notebook, find("convolution"))
    above = as_checked(notebook, entries, "conv_cost")
    assert ([e.index for e in above] == [0, 1]) if spoils else above is None  # type: ignore[union-attr]


def test_a_task_without_its_check_is_graded_at_the_end() -> None:
    cells = (Cell("code", CODE, "conv_cost-code"), Cell("code", "helper = sum = 3"))
    notebook = Notebook(Path("n.ipynb"), cells)
    entries = runnable_cells(notebook, find("convolution"))
    assert as_checked(notebook, entries, "conv_cost") is None


@pytest.mark.parametrize(
    "later",
    [
        "x = " + "-" * 100_000 + "1",
        "x = 1" + "**1" * 5_000,
        "if 1: pass\n" + "elif 1: pass\n" * 4_000,
        "helper = 1" + "\n" * 60_000,
    ],
)
def test_what_cannot_be_parsed_here_spoils_nothing(later: str) -> None:
    """The parser says MemoryError to some of these, and takes minutes for others of that length."""
    notebook = Notebook(Path("n.ipynb"), (Cell("code", CODE), CHECK, Cell("code", later)))
    entries = runnable_cells(notebook, find("convolution"))
    assert as_checked(notebook, entries, "conv_cost") is None


def test_experiments_are_left_out_when_an_editor_has_thrown_their_tags_away() -> None:
    path = ROOT / "assignments" / "convolution" / "convolution.ipynb"
    notebook, assignment = read(path), find("convolution")
    cells = [replace(cell, tags=frozenset(), grade_id="") for cell in notebook.cells]
    bare = replace(notebook, cells=tuple(cells))
    tagged = [entry.index for entry in runnable_cells(notebook, assignment)]
    checks = [i for i, cell in enumerate(cells) if cell.source.startswith("check(")]
    found = {entry.index for entry in runnable_cells(bare, assignment)}
    assert found - set(checks) == set(tagged)
    # One that was changed may be needed by what comes after it.
    first = next(i for i, cell in enumerate(notebook.cells) if "experiment" in cell.tags)
    cells[first] = replace(cells[first], source=f"{cells[first].source}\nmore = 1")
    changed = replace(notebook, cells=tuple(cells))
    assert first in {entry.index for entry in runnable_cells(changed, assignment)}
