"""Builds the example class: what its students hand in for each assignment.

``<assignment>/class.json`` says who they are; ``answers/`` beside it holds what they wrote where it
differs from the model solution, as percent scripts with one cell a task; ``expected.json`` is the
score each must get.

    python examples/build.py FOLDER [ASSIGNMENT ...]

writes ``FOLDER/<student>/<assignment>/<notebook>``, nbgrader's layout of submitted files.
"""

from __future__ import annotations

import argparse
import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
Notebook = dict[str, Any]


def assignments() -> list[str]:
    """The assignments that the class hands in, in the order of the course."""
    course = ("convolution", "pooling", "normalization", "convnet")
    return [name for name in course if (HERE / name / "class.json").exists()]


def students(assignment: str = "convolution") -> list[dict[str, Any]]:
    """Who hands in ``assignment``, as its ``class.json`` lists them."""
    text = (HERE / assignment / "class.json").read_text()
    entries: list[dict[str, Any]] = json.loads(text)["students"]
    return entries


def expected(assignment: str = "convolution") -> dict[str, dict[str, float]]:
    """Points by student and task, for the tasks that are graded automatically."""
    text = (HERE / assignment / "expected.json").read_text()
    scores: dict[str, dict[str, float]] = json.loads(text)
    return scores


def answers(assignment: str, name: str) -> dict[str, str]:
    """The cells of ``<assignment>/answers/<name>.py``, by task."""
    text = (HERE / assignment / "answers" / f"{name}.py").read_text()
    parts = re.split(r"^# %% (\w+)\n", text, flags=re.MULTILINE)
    return {
        task: source.strip() + "\n" for task, source in zip(parts[1::2], parts[2::2], strict=True)
    }


def build(out: Path, root: Path = ROOT, assignment: str = "convolution") -> list[Path]:
    """Write the submissions of the whole class for ``assignment`` below ``out``; the files."""
    file = f"{assignment}/{assignment}.ipynb"
    release = json.loads((root / "assignments" / file).read_text())
    source = json.loads((root / "solutions" / file).read_text())
    return [_write(out, assignment, student, release, source) for student in students(assignment)]


def _write(
    out: Path, assignment: str, student: dict[str, Any], release: Notebook, source: Notebook
) -> Path:
    notebook = copy.deepcopy(release)
    solved = {_id(cell): cell["source"] for cell in source["cells"] if _id(cell).endswith("-code")}
    only = student.get("only")
    written = {} if only is None else {f"{task}-code": solved[f"{task}-code"] for task in only}
    replaced = dict(solved if only is None else written)
    for name in student.get("answers", ()):
        replaced.update({f"{task}-code": text for task, text in answers(assignment, name).items()})
    for cell in notebook["cells"]:
        if _id(cell) in replaced:
            cell["source"] = replaced[_id(cell)]
    folder = out / student["name"] / assignment
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{assignment}.ipynb"
    encode: Callable[[str], bytes] = str.encode
    text = ""
    for change in student.get("changes", ()):
        if change == "renamed":
            path = folder / f"{assignment.capitalize()} FINAL (2).ipynb"
        elif change in _BYTES:
            encode = _BYTES[change](encode)
        else:
            _CHANGES[change](notebook)
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    path.write_bytes(encode(text))
    return path


def _id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def _reordered(notebook: Notebook) -> None:
    """Own cells in between, the tests gone or moved to the end, one solution cell copied."""
    cells = notebook["cells"]
    checks = [c for c in cells if _id(c) and _source(c).startswith("check(")]
    rest = [c for c in cells if c not in checks]
    extra = {
        "cell_type": "code",
        "id": "mine",
        "metadata": {},
        "outputs": [],
        "execution_count": 3,
        "source": "%matplotlib inline\n!ls\nprint('trying')",
    }
    middle = len(rest) // 2
    notebook["cells"] = [*rest[:middle], extra, *rest[middle:], *checks[::-1][: len(checks) // 2]]


def _older(minor: int) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        notebook["nbformat_minor"] = minor
        for cell in notebook["cells"]:
            cell.pop("id", None)
            cell["source"] = _source(cell).splitlines(keepends=True)

    return change


def _joined(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["source"] = _source(cell)


def _crlf_sources(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["source"] = _source(cell).replace("\n", "\r\n")


def _no_metadata(notebook: Notebook) -> None:
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def _forged(notebook: Notebook) -> None:
    """Tests that are skipped, rewritten, worth more, and have their outputs already."""
    for cell in notebook["cells"]:
        grader = cell["metadata"].get("nbgrader")
        if not grader or not grader.get("grade"):
            continue
        grader["points"] = 1000
        cell["metadata"]["tags"] = ["skip-execution"]
        if cell["cell_type"] == "code":
            cell["source"] = "print('passed')\n100"
            cell["outputs"] = [
                {"output_type": "execute_result", "data": {"text/plain": "100"},
                 "execution_count": 1, "metadata": {}}
            ]  # fmt: skip


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


_CHANGES: dict[str, Callable[[Notebook], None]] = {
    "reordered": _reordered,
    "nbformat 4.0": _older(0),
    "nbformat 4.2": _older(2),
    "joined": _joined,
    "crlf in cells": _crlf_sources,
    "no metadata": _no_metadata,
    "forged": _forged,
}

Encoder = Callable[[str], bytes]
_BYTES: dict[str, Callable[[Encoder], Encoder]] = {
    "cut off": lambda encode: lambda text: encode(text)[: len(text) // 2],
    "crlf": lambda encode: lambda text: encode(text.replace("\n", "\r\n")),
    "bom": lambda encode: lambda text: b"\xef\xbb\xbf" + encode(text),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the example class's submissions.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="default: all")
    options = parser.parse_args()
    for assignment in options.assignments or assignments():
        for path in build(options.folder, assignment=assignment):
            print(path)


if __name__ == "__main__":
    main()
