"""Before handing in: each fault is found, named and weighed; an honest notebook is ready."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import cli
from autograder.assignments import TEXT_STUB
from autograder.handing_in import Flaw, Readiness, examine
from autograder.handing_in.words import readiness_html, readiness_words
from autograder.jupyter import handing_in as desk
from autograder.notebook import read
from autograder.worker.host import Limits, Sandbox

ROOT = Path(__file__).parent.parent
Notebook = dict[str, Any]

SAME_PADDING = """def same_padding(kernel):
    if kernel % 2 == 0:
        raise ValueError("even")
    return (kernel - 1) // 2
"""
WITH_HELPER = """def same_padding(kernel):
    return half(kernel)
"""
HELPER = """def half(kernel):
    if kernel % 2 == 0:
        raise ValueError("even")
    return (kernel - 1) // 2
"""


def grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def find(notebook: Notebook, name: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if grade_id(cell) == name)


def place(notebook: Notebook, name: str) -> int:
    return next(i for i, cell in enumerate(notebook["cells"]) if grade_id(cell) == name)


def code(source: str, **more: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    return {**cell, "source": source, **more}


def number(notebook: Notebook) -> None:
    """Give all cells the counts and ids that a run from top to bottom leaves."""
    count = 0
    for index, cell in enumerate(notebook["cells"]):
        cell.setdefault("id", f"own-{index}")
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count


@pytest.fixture(scope="module")
def base() -> Notebook:
    """The released notebook on convolution with one task written, run from top to bottom."""
    notebook: Notebook = json.loads(
        (ROOT / "assignments/convolution/convolution.ipynb").read_text(encoding="utf-8")
    )
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    find(notebook, "same_padding-code")["source"] = SAME_PADDING
    number(notebook)
    return notebook


def save(notebook: Notebook, folder: Path, name: str = "convolution.ipynb") -> Path:
    path = folder / name
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def before(notebook: Notebook, name: str, *sources: str) -> None:
    """Put cells of one's own in front of the cell ``name``."""
    at = place(notebook, name)
    notebook["cells"][at:at] = [code(source) for source in sources]


def helper_elsewhere(change: Callable[[Notebook], None]) -> Callable[[Notebook], None]:
    def both(notebook: Notebook) -> None:
        find(notebook, "same_padding-code")["source"] = WITH_HELPER
        change(notebook)

    return both


def later_at_the_top(notebook: Notebook) -> None:
    needing("width", "width = scale * 2")(notebook)
    before(notebook, "conv_cost-code", "scale = 3")


def in_a_check(notebook: Notebook) -> None:
    find(notebook, "same_padding")["source"] = HELPER + 'check("same_padding")'


def in_an_experiment(notebook: Notebook) -> None:
    before(notebook, "same_padding-code", HELPER)
    notebook["cells"][place(notebook, "same_padding-code") - 1]["metadata"]["tags"] = ["experiment"]


def copied(last: str) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        again = copy.deepcopy(find(notebook, "same_padding-code"))
        again.update(source=last, id="again")
        notebook["cells"].insert(place(notebook, "same_padding-code") + 1, again)

    return change


def without(name: str) -> Callable[[Notebook], None]:
    return lambda notebook: notebook["cells"].remove(find(notebook, name))


def written(source: str, name: str = "same_padding-code") -> Callable[[Notebook], None]:
    return lambda notebook: find(notebook, name).update(source=source)


def own_cell(*sources: str) -> Callable[[Notebook], None]:
    return lambda notebook: before(notebook, "same_padding-code", *sources)


def needing(name: str, *sources: str) -> Callable[[Notebook], None]:
    """Cells of one's own that make ``name``, and a task that needs it."""

    def change(notebook: Notebook) -> None:
        own_cell(*sources)(notebook)
        body = SAME_PADDING.replace("(kernel):", f"(kernel):\n    needed = {name}", 1)
        find(notebook, "same_padding-code")["source"] = body

    return change


def shows(points: str, name: str = "same_padding") -> Callable[[Notebook], None]:
    output = {
        "output_type": "execute_result",
        "execution_count": 1,
        "metadata": {},
        "data": {"text/plain": points},
    }
    return lambda notebook: find(notebook, name).update(outputs=[output])


def shows_and(points: str, change: Callable[[Notebook], None]) -> Callable[[Notebook], None]:
    def both(notebook: Notebook) -> None:
        shows(points)(notebook)
        change(notebook)

    return both


def no_metadata(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def as_text(notebook: Notebook) -> None:
    cell = find(notebook, "same_padding-code")
    for key in ("outputs", "execution_count"):
        del cell[key]
    cell["cell_type"] = "markdown"


def tagged(notebook: Notebook) -> None:
    find(notebook, "same_padding-code")["metadata"]["tags"] = ["experiment"]


def answered(text: str, *, twice: bool = False) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        cell = find(notebook, "written_parameters")
        untouched = copy.deepcopy(cell)
        cell["source"] = cell["source"].replace(TEXT_STUB, text)
        if twice:
            untouched["id"] = "again"
            notebook["cells"].append(untouched)

    return change


# What is done, what it is called, how it weighs, where, and words that must be said.
FAULTS: dict[str, tuple[Callable[[Notebook], None], str, str, str, list[str]]] = {
    "a name of a later cell": (
        later_at_the_top, "name-not-defined", "mend", "width = scale * 2",
        ["'scale' is not defined", "further down", "Move cell"],
    ),
    "a name of no cell": (
        helper_elsewhere(lambda n: None), "name-not-defined", "mend", "def same_padding(kernel):",
        ["'half' is not defined", "No cell of this notebook defines half", "loses points"],
    ),
    "a name of a check cell": (
        helper_elsewhere(in_a_check), "check-changed", "mend", "def half(kernel):",
        ["defines half", "never runs check cells", "cell of its own above"],
    ),
    "a name of an experiment": (
        helper_elsewhere(in_an_experiment), "name-not-defined", "mend", "def same_padding(kernel):",
        ["has the tag “experiment”", "grading does not run it"],
    ),
    "a misspelt name": (
        helper_elsewhere(own_cell(HELPER.replace("half", "halve"))), "name-not-defined", "mend",
        "def same_padding(kernel):", ["Did you mean halve?"],
    ),
    "an import of the first cell is gone": (
        lambda n: n["cells"].remove(next(c for c in n["cells"] if c["cell_type"] == "code")),
        "name-not-defined", "warning", "def look(*functions):",
        ["first cell of the notebook imports contextmanager", "No task needs"],
    ),
    "a file of one's own": (
        needing("weights", "import numpy as np\nweights = np.load('weights.npy')"),
        "file-missing", "mend", "import numpy as np",
        ["weights.npy", "no files of yours", "datasets.photograph(name)"],
    ),
    "a package that is not there": (
        written("import scipy.signal\n" + SAME_PADDING), "import-missing", "mend",
        "import scipy.signal", ["scipy is not there at grading", "Use NumPy"],
    ),
    "a package inside a function": (
        written(SAME_PADDING.replace("(kernel):", "(kernel):\n    import torch")),
        "import-missing", "mend", "def same_padding(kernel):", ["torch"],
    ),
    "a part of the kit that is not there": (
        needing("also", "from autograder import grade, check\nalso = 1"),
        "import-missing", "mend", "from autograder import grade, check",
        ["only a part of the kit", "import nothing but check"],
    ),
    "a syntax error": (
        written("def same_padding(kernel)\n    return 1"), "syntax-error", "mend",
        "def same_padding(kernel)", ["Python cannot read this cell"],
    ),
    "a cell that fails and is needed": (
        needing("scale", "scale = 1 / 0"), "cell-fails", "mend", "scale = 1 / 0",
        ["ZeroDivisionError", "missing at grading"],
    ),
    "a cell that fails and is not needed": (
        own_cell("1 / 0"), "cell-fails", "warning", "1 / 0",
        ["ZeroDivisionError", "costs no points"],
    ),
    "a cell without an end": (
        needing("total", "total = 0\nwhile True:\n    total += 1"), "cell-stopped", "mend",
        "total = 0", ["It was stopped after", "Let it do less"],
    ),
    "a cell with too much memory": (
        needing("big", "import numpy as np\nbig = np.ones(1 << 28)"), "cell-stopped",
        "mend", "import numpy as np", ["MemoryError", "1.5 GB"],
    ),
    "a cell that is nearly too large": (
        own_cell("import numpy as np\nbig = np.ones(125 << 20)[:1].copy()"), "much-memory",
        "warning", "import numpy as np", ["GB of memory", "are allowed"],
    ),
    "a function without an end": (
        written("def same_padding(kernel):\n    while True:\n        pass"), "call-stopped", "mend",
        "def same_padding(kernel):", ["stopped", "loses points"],
    ),
    "better in the kernel than in the file": (
        shows_and("2", written("def same_padding(kernel):\n    return kernel")), "better-here",
        "mend", 'check("same_padding")', ["shows 2 points", "clean run gives 0", "Restart"],
    ),
    "an old output": (
        shows("0"), "outdated", "warning", 'check("same_padding")',
        ["shows 0 points", "clean run gives 2", "Run the cell again"],
    ),
    "out of order": (
        lambda n: find(n, "same_padding-code").update(execution_count=99), "out-of-order",
        "warning", 'check("same_padding")', ["ran later, as [99]", "from top to bottom"],
    ),
    "a cell that was not run": (
        lambda n: find(n, "same_padding-code").update(execution_count=None), "not-run", "warning",
        "def same_padding(kernel):", ["has not been run"],
    ),
    "a check that is gone": (
        without("same_padding"), "check-deleted", "note", "", ["Grading does not use it"],
    ),
    "a check that was changed": (
        written("print(1)", "same_padding"), "check-changed", "note", "print(1)",
        ["Grading never runs it"],
    ),
    "a function's cell that is gone": (
        without("same_padding-code"), "code-deleted", "mend", "",
        ["cell of same_padding is gone", "gets no points"],
    ),
    "a function in another cell": (
        lambda n: (without("same_padding-code")(n), before(n, "same_padding", SAME_PADDING)),
        "code-moved", "note", "def same_padding(kernel):", ["wherever it is defined"],
    ),
    "a function of another name": (
        written(SAME_PADDING.replace("same_padding", "samepadding")), "function-renamed", "mend",
        "def samepadding(kernel):", ["defines samepadding", "will not find it"],
    ),
    "a copy that hides the answer": (
        copied('def same_padding(kernel):\n    raise NotImplementedError("Nothing is written here '
               'yet: put your code in place of this line.")'),
        "code-duplicated", "mend", "def same_padding(kernel):", ["last one", "nbgrader drops"],
    ),
    "a copy that does not matter": (
        copied(SAME_PADDING), "code-duplicated", "warning", "def same_padding(kernel):",
        ["there 2 times"],
    ),
    "code that is text now": (
        as_text, "not-a-code-cell", "mend", "def same_padding(kernel):", ["markdown cell", "Esc"],
    ),
    "code that is an experiment now": (
        tagged, "experiment-tag", "mend", "def same_padding(kernel):", ["tag “experiment”"],
    ),
    "a task that is defined twice": (
        own_cell(SAME_PADDING), "defined-twice", "warning", "def same_padding(kernel):",
        ["The last one counts"],
    ),
    "a question without its cell": (
        without("written_parameters"), "answer-deleted", "mend", "",
        ["Parameters of a convolution", "nobody can give points"],
    ),
    "a question that is not answered": (
        lambda n: None, "answer-missing", "warning", "Question A. Few parameters",
        ["holds what you were given", "none of its 3 points"],
    ),
    "an answer beside the stub": (
        answered(f"{TEXT_STUB}\n\nIt shares them."), "stub-left", "note",
        "Question A. Few parameters", ["still stands in your answer"],
    ),
    "an answer that a copy hides": (
        answered("It shares them.", twice=True), "answer-duplicated", "mend",
        "Question A. Few parameters", ["the last one has no answer"],
    ),
    "a task that is not written": (
        lambda n: None, "not-attempted", "warning", "def conv_cost(in_shape",
        ["“Cost of a layer” is not written yet"],
    ),
    "no metadata": (
        no_metadata, "metadata-lost", "mend", "", ["Written answers cannot be found"],
    ),
    "a shell command": (
        own_cell("!pip install scipy"), "command-ignored", "warning", "!pip install scipy",
        ["ignored at grading"],
    ),
    "a network connection": (
        own_cell("import socket\ntry:\n    socket.socket()\nexcept OSError:\n    pass"), "refused",
        "warning", "import socket", ["tried to open a network connection"],
    ),
    "not quite the format": (
        lambda n: n["cells"][0].pop("metadata"), "file-format", "warning", "",
        ["'metadata' is a required property", "Grading reads it all the same"],
    ),
}  # fmt: skip

TIGHT = Limits(cell=1.0, call=0.5, patience=2.0)


def look(notebook: Notebook, folder: Path, box: Sandbox | None, **options: Any) -> Readiness:
    options.setdefault("limits", TIGHT)
    return examine(save(notebook, folder), box, **options)


@pytest.mark.parametrize("fault", [name for name, entry in FAULTS.items() if entry[1]])
def test_each_fault_is_found_and_weighed(
    fault: str, base: Notebook, tmp_path: Path, sandbox: Sandbox
) -> None:
    change, kind, weight, line, says = FAULTS[fault]
    notebook = copy.deepcopy(base)
    change(notebook)
    if not fault.startswith(("out of order", "a cell that was not run")):
        number(notebook)
    if fault == "not quite the format":
        del notebook["cells"][0]["id"]
    found = look(notebook, tmp_path, sandbox)
    flaws = [f for f in found.flaws if f.kind == kind and f.line.startswith(line)]
    assert flaws, readiness_words(found)
    flaw = flaws[0]
    assert flaw.weight == weight
    assert bool(flaw.line) == bool(line)
    told = f"{flaw.says} {flaw.means} {flaw.todo}"
    for words in says:
        assert words in told
    assert found.ready == (weight != "mend"), readiness_words(found)
    assert flaw.says[:40] in " ".join(readiness_words(found).split())
    # One fault is one thing to mend, whatever else follows from it.
    assert found.to_mend == (weight == "mend"), readiness_words(found)
