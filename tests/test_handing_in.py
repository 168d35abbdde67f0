"""Before handing in: each fault is found, named and weighed; an honest notebook is ready."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from autograder import cli
from autograder.assignments import TEXT_STUB, Assignment
from autograder.assignments import find as find_assignment
from autograder.handing_in import Readiness, examine
from autograder.handing_in.words import readiness_html, readiness_words
from autograder.jupyter import handing_in as desk
from autograder.notebook import read, recognise
from autograder.worker.host import Limits, Sandbox, start

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
def whole() -> Notebook:
    """The released notebook on convolution with one task written, run from top to bottom."""
    notebook: Notebook = json.loads(
        (ROOT / "assignments/convolution/convolution.ipynb").read_text(encoding="utf-8")
    )
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    find(notebook, "same_padding-code")["source"] = SAME_PADDING
    number(notebook)
    return notebook


@pytest.fixture(scope="module")
def base(whole: Notebook) -> Iterator[Notebook]:
    """Its first part, as an assignment of its own: three tasks and a question."""
    notebook = copy.deepcopy(whole)
    del notebook["cells"][place(notebook, "receptive_field-code") :]

    def recognised(read: Any) -> Assignment:
        assignment = recognise(read)
        if assignment.name != "convolution":
            return assignment
        return replace(assignment, tasks=assignment.tasks[:4])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autograder.handing_in.examination.recognise", recognised)
        yield notebook


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


def split(notebook: Notebook) -> None:
    """A helper and the function, made of one cell by splitting it: both carry its mark."""
    copied(WITH_HELPER)(notebook)
    find(notebook, "same_padding-code")["source"] = HELPER


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
        own_cell("import numpy as np\nbig = np.empty(125 << 20)[:1].copy()"), "much-memory",
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
    "a cell that was split": (
        split, "code-duplicated", "mend", "def same_padding(kernel):",
        ["does not define half", "nbgrader drops the others", "by copying or splitting"],
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

# Computing is what is limited: on a busy machine the rest may take as long as it likes.
TIGHT = Limits(cell=1.0, call=0.5, patience=30.0)


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
    # What is said to cost nothing costs nothing, and the other way round.
    assert found.report is not None
    full = found.report.task("same_padding").points == 2
    # nbgrader drops what a run of the file still has.
    elsewhere = kind.startswith(("answer", "metadata")) or fault == "a cell that was split"
    assert full == (weight != "mend" or elsewhere) or kind == "outdated"
    # One fault is one thing to mend, whatever else follows from it.
    assert found.to_mend == (weight == "mend"), readiness_words(found)


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole notebook on pooling, written, run and saved as it should be."""
    notebook = json.loads((ROOT / "solutions/pooling/pooling.ipynb").read_text(encoding="utf-8"))
    number(notebook)
    for task in find_assignment("pooling").tasks:
        if not task.by_hand:
            shows(f"{task.points:g}", task.task)(notebook)
    return save(notebook, tmp_path_factory.mktemp("complete"), "pooling.ipynb")


@pytest.fixture
def shared(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command use the tests' sandbox."""
    path = "autograder.handing_in.command.open_sandbox"
    monkeypatch.setattr(path, lambda weakest: nullcontext(sandbox))


@pytest.mark.usefixtures("shared")
def test_a_complete_notebook_is_ready(complete: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["submit-check", str(complete)]) == 0
    printed = capsys.readouterr().out
    assert printed.strip().splitlines()[-1] == "Ready to hand in"
    for heading in ("To mend", "Warnings", "Notes", "Not written"):
        assert heading not in printed
    assert "91 of 91 points by the public checks; 9 more are given by a person" in printed


@pytest.mark.usefixtures("shared")
def test_json_and_exit_codes(
    base: Notebook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = copy.deepcopy(base)
    without("same_padding-code")(notebook)
    path = save(notebook, tmp_path, "my own.ipynb")
    assert cli.main(["submit-check", "--json", str(path)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["assignment"] == "convolution"
    assert (told["ready"], told["ran"], told["to_mend"]) == (False, True, 1)
    assert told["verdict"] == "Not ready: 1 thing to mend"
    kinds = {flaw["kind"]: flaw for flaw in told["flaws"]}
    assert set(kinds["code-deleted"]) == {
        "kind",
        "weight",
        "where",
        "line",
        "says",
        "means",
        "todo",
    }
    assert "expects convolution.ipynb" in kinds["file-name"]["says"]
    assert len(told["public_checks"]["tasks"]) == 3

    (tmp_path / "cut.ipynb").write_text(path.read_text()[:1000])
    for name in ("cut.ipynb", "none.ipynb"):
        assert cli.main(["submit-check", str(tmp_path / name)]) == 2
        assert "Not ready: the file cannot be graded, because " in capsys.readouterr().out


def test_without_a_worker_nothing_is_called_ready(
    complete: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert cli.main(["submit-check", str(complete)]) == 3
    printed = capsys.readouterr()
    assert "Windows cannot start a worker" in printed.err
    assert printed.out.strip().splitlines()[-1].startswith("Not known: ")


def test_a_path_of_ones_own_computer_is_to_be_mended_where_nothing_stops_it(
    base: Notebook, tmp_path: Path
) -> None:
    """Without a sandbox the file is there, and at grading it will not be."""
    (tmp_path / "weights.txt").write_text("1 2 3")
    notebook = copy.deepcopy(base)
    needing("weights", f"weights = open({str(tmp_path / 'weights.txt')!r}).read()")(notebook)
    number(notebook)
    with start("process") as box:
        found = look(notebook, tmp_path, box)
    (flaw,) = found.of("mend")
    assert flaw.kind == "refused"
    assert "weights.txt" in flaw.says
    assert not found.ready


def test_a_cell_near_the_limit_of_time_is_named(
    base: Notebook, tmp_path: Path, sandbox: Sandbox
) -> None:
    notebook = copy.deepcopy(base)
    busy = "from time import process_time as now\nuntil = now() + 0.8\nwhile now() < until: pass"
    own_cell(busy)(notebook)
    number(notebook)
    found = look(notebook, tmp_path, sandbox, limits=Limits(cell=1.2, patience=30.0))
    (flaw,) = [flaw for flaw in found.flaws if flaw.kind == "slow-cell"]
    assert flaw.weight == "warning"
    assert "1.2 are allowed" in flaw.says
    assert found.ready


def test_the_kernels_history_gives_a_deleted_cell_back(
    base: Notebook, tmp_path: Path, sandbox: Sandbox
) -> None:
    notebook = copy.deepcopy(base)
    find(notebook, "same_padding-code")["source"] = WITH_HELPER
    found = look(notebook, tmp_path, sandbox, history=["", "import math", HELPER, WITH_HELPER])
    (flaw,) = found.of("mend")
    assert "you ran its definition as [2]" in flaw.means
    assert "print(In[2]) shows what it was (“def half(kernel):”)" in flaw.todo


def test_a_wrong_task_may_be_handed_in_and_is_counted(
    base: Notebook, tmp_path: Path, sandbox: Sandbox
) -> None:
    notebook = copy.deepcopy(base)
    written("def same_padding(kernel):\n    return kernel")(notebook)
    found = look(notebook, tmp_path, sandbox)
    wrong = "1 task with a check that does not pass"
    assert found.verdict == f"Ready to hand in; {wrong}; 3 tasks not written"


def test_what_a_student_wrote_is_escaped(base: Notebook, tmp_path: Path, sandbox: Sandbox) -> None:
    notebook = copy.deepcopy(base)
    own_cell("raise ValueError('<img src=x onerror=alert(1)>\x1b[31m')")(notebook)
    found = look(notebook, tmp_path, sandbox)
    page = readiness_html(found, "<b>remark</b>")
    assert "<img" not in page
    assert "<b>" not in page
    assert "&lt;img src=x" in page
    assert "\x1b" not in page + readiness_words(found)


def test_unsaved_changes_are_noticed_as_far_as_they_can_be(base: Notebook, tmp_path: Path) -> None:
    notebook = read(save(base, tmp_path))
    held = ["", SAME_PADDING, 'check("same_padding")']
    assert desk.unsaved(notebook, held, 0.0, 30.0) == ""
    said = desk.unsaved(notebook, [*held, "submit_check()"], 0.0, 600.0)
    assert "does not hold the cell that you are running" in said
    assert "saved 10 minutes ago" in said
    changed = SAME_PADDING.replace("- 1", "- 2")
    said = desk.unsaved(notebook, ["", changed, 'check("same_padding")'], 0.0, 60.0)
    assert "What you ran as same_padding is not what the saved file holds" in said
    assert "saved a minute ago" in said
    # What was run first and replaced since does not count.
    assert desk.unsaved(notebook, ["", changed, *held[1:]], 0.0, 60.0) == ""


def test_the_notebooks_file_is_known_where_somebody_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("{}")
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    assert desk.notebook_path({}) is None
    assert desk.notebook_path({"__vsc_ipynb_file__": str(path)}) == path
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert desk.notebook_path({}) == path
    path.rename(tmp_path / "b.ipynb")
    assert desk.notebook_path({}) is None


def test_in_a_kernel(whole: Notebook, tmp_path: Path) -> None:
    """Without a front end it runs straight away; with one there is a button that does it."""
    path = save(whole, tmp_path)
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_code_cell(source)
        for source in (
            "from autograder import submit_check",
            "submit_check()",
            f"submit_check({str(path)!r})",
            f"import os\nos.environ['JPY_SESSION_NAME'] = {str(path)!r}",
            "submit_check()",
            "submit_check('nowhere.ipynb')",
        )
    ]
    NotebookClient(notebook, kernel_name="python3", timeout=120, allow_errors=True).execute()
    asked, given, _, button, wrong = (cell.outputs for cell in notebook.cells[1:])
    assert 'submit_check("convolution.ipynb")' in asked[0].data["text/plain"]
    assert "text/html" not in asked[0].data
    assert "Ready to hand in; 14 tasks not written" in given[0].data["text/plain"]
    assert "does not hold the cell that you are running" in given[0].data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in button[0].data
    assert wrong[0].ename == "FileNotFoundError"


def example(base: Notebook) -> Notebook:
    """The notebook that docs/handing-in.md shows: a helper's cell was deleted, and a few things
    more."""
    notebook = copy.deepcopy(base)
    find(notebook, "same_padding-code")["source"] = WITH_HELPER
    shows("2")(notebook)
    own_cell("!pip install scipy", "import scipy.signal")(notebook)
    without("conv_cost")(notebook)
    number(notebook)
    return notebook


def test_the_page_shows_what_the_command_says(
    base: Notebook, tmp_path: Path, sandbox: Sandbox
) -> None:
    page = (ROOT / "docs" / "handing-in.md").read_text(encoding="utf-8")
    words = readiness_words(look(example(base), tmp_path, sandbox))
    words = re.sub(r"saved at \d\d:\d\d:\d\d", "saved at 14:05:12", words)
    words = words.replace(f"sandbox: {sandbox.level}", "sandbox: bubblewrap")
    assert words in page, words
