"""A class of any size for benchmarks: hundreds of right and wrong notebooks, no two alike.

The example class and every correct variant of an assignment, over and over, each time with other
names for local variables, so that nothing that was graded before is of any help. Cells that the kit
released for looking at pictures stay as they are; few students touch them.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import random
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.assignments import digest, find
from autograder.audit.handins import Solution, hand_ins

__all__ = ["ROOT", "build_class"]

ROOT = Path(__file__).parent.parent


def example_class() -> ModuleType:
    """The module that builds the example class."""
    spec = importlib.util.spec_from_file_location("build", ROOT / "examples" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Rename(ast.NodeTransformer):
    """Gives the local variables of each function other names; parameters and globals stay."""

    def __init__(self, ending: str) -> None:
        self._ending = ending
        self._locals: list[set[str]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        fixed = {a.arg for a in arguments}
        inner = [n for n in ast.walk(node) if n is not node]
        fixed |= {a.arg for n in inner if isinstance(n, ast.arguments) for a in n.args}
        fixed |= {n.name for n in inner if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        fixed |= {x for n in inner if isinstance(n, ast.Global | ast.Nonlocal) for x in n.names}
        stored = {n.id for n in inner if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        self._locals.append(stored - fixed)
        self.generic_visit(node)
        self._locals.pop()
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if any(node.id in names for names in self._locals):
            node.id += self._ending
        return node


def renamed(source: str, number: int) -> str:
    """``source`` with other names for local variables; as it is where it cannot be parsed."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return source + f"\n# {number}"
    return ast.unparse(_Rename(f"_{number}").visit(tree))


def _notebooks(assignment: str) -> dict[str, dict[str, Any]]:
    """The example class's notebooks and the model solution with each variant, by name."""
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in example_class().build(Path(folder), assignment=assignment):
            try:
                found[path.parent.parent.name] = json.loads(path.read_text())
            except ValueError:
                continue  # the one that is cut off
    source = ROOT / "solutions" / assignment / f"{assignment}.ipynb"
    for hand_in in hand_ins(Solution(ROOT / "solutions", assignment), ("variant",), set()):
        notebook = json.loads(source.read_text())
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == f"{hand_in.task}-code":
                cell["source"] = hand_in.source
        found[f"{hand_in.task}-{hand_in.name}"] = notebook
    return found


def build_class(out: Path, count: int, assignment: str = "convolution") -> list[Path]:
    """Write ``count`` submissions in nbgrader's layout below ``out``; their files, in order."""
    released = find(assignment).experiments
    notebooks = list(_notebooks(assignment).items())
    random.Random(0).shuffle(notebooks)
    files = []
    for number in range(count):
        name, notebook = notebooks[number % len(notebooks)]
        notebook = json.loads(json.dumps(notebook))
        for cell in notebook["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and digest(source) not in released:
                cell["source"] = renamed(source, number)
        path = out / f"s{number:04}-{name}" / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))
        files.append(path)
    return files
