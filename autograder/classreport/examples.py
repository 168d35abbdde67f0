"""How a known mistake looks in code: a diff from right code to wrong.

Where a specimen of the mistake is kept, a cell as students write it, it is compared with the right
cell that is most like it. Else the mistake's own function is shown, and where that changes one
thing about the right result, beside a function that does not.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import difflib
import functools
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import rooms
from ..mistakes import Mistake, catalogue
from ..notebook import UnreadableNotebook, read
from ..suites.calling import Protocol

__all__ = ["Example", "example"]

ALIKE_ENOUGH = 0.4
"""Two codes with less in common (ratio of equal lines) explain nothing about each other."""

_RIGHT = "correct"
"""The name that stands for the function as it should be."""


@dataclass(frozen=True)
class Example:
    """A known mistake's ``sentence`` and ``hint``, and its ``diff``: lines that begin with ``+``,
    ``-``, ``@`` or a space. ``caption`` says what is compared."""

    sentence: str
    hint: str
    caption: str
    diff: tuple[str, ...]


def example(name: str, solutions: Path) -> Example | None:
    """The example of the known mistake ``name``; None if the catalogue has no such mistake.

    ``solutions`` is the folder with the source notebooks, whose answers are right ones too; they
    are done without where it is not there.
    """
    try:
        mistake = catalogue.by_name(name)
    except KeyError:
        return None
    caption, diff = _specimen(mistake, solutions) or _of_function(mistake, solutions)
    return Example(mistake.sentence, mistake.hint, caption, tuple(diff))


def _specimen(mistake: Mistake, solutions: Path) -> tuple[str, list[str]] | None:
    stem = mistake.name.partition(".")[2]
    for assignment, task in _tasks(mistake.operator):
        path = rooms.first(f"mistakes/specimens/{assignment}/{task}", f"{stem}.py")
        if path is not None:
            wrong = _tidy(path.read_text(encoding="utf-8"))
            right = _nearest(wrong, _right_cells(assignment, task, solutions))
            if right is not None:
                return "a right answer, and the same with this mistake", _diff(right, wrong)
    return None


@functools.cache
def _tasks(operator: str) -> tuple[tuple[str, str], ...]:
    """The tasks that implement ``operator``, each with its assignment."""
    found = []
    for assignment in catalogue.assignments():
        protocol: Protocol = importlib.import_module(f"autograder.suites.{assignment}").PROTOCOL
        for path in rooms.files(f"variants/{assignment}", "*"):
            try:
                if protocol.operator_of(path.name) == operator:
                    found.append((assignment, path.name))
            except KeyError:  # a folder that is no task's
                continue
    return tuple(found)


@functools.cache
def _right_cells(assignment: str, task: str, solutions: Path) -> tuple[str, ...]:
    names = (f"variants/{assignment}/{task}", f"variants/{assignment}/slow/{task}")
    paths = [path for name in names for path in rooms.files(name, "*.py")]
    variants = tuple(_tidy(path.read_text(encoding="utf-8")) for path in paths)
    try:
        model = read(solutions / assignment / f"{assignment}.ipynb")
    except UnreadableNotebook:
        return variants
    cells = []
    for cell in model.cells:
        if cell.grade_id == f"{task}-code":
            with contextlib.suppress(SyntaxError):  # a magic
                cells.append(_tidy(cell.source))
    return (*cells, *variants)


def _nearest(wrong: str, candidates: tuple[str, ...]) -> str | None:
    """The candidate most like ``wrong``; None if none is alike."""
    lines = wrong.splitlines()

    def ratio(code: str) -> float:
        return difflib.SequenceMatcher(None, code.splitlines(), lines).ratio()

    best = max(candidates, key=ratio, default=None)
    return best if best is not None and ratio(best) >= ALIKE_ENOUGH else None


def _of_function(mistake: Mistake, solutions: Path) -> tuple[str, list[str]]:
    code = _source(mistake.function)
    if code is None:
        return "this mistake is kept without code of its own", []
    node = code.body[0]
    if not isinstance(node, ast.FunctionDef):
        return "what the mistake computes", _diff("", _text(code))
    operator = node.name = mistake.operator
    given = [argument.arg for argument in node.args.args]
    wrong = _calls_right(code, operator)
    if given[:1] == ["right"]:
        right = _with_body(node, "right")
        return "right is what the function should give", _diff(right, wrong)
    if f"{_RIGHT}(" in wrong:
        right = _with_body(node, f"{_RIGHT}({', '.join(_passed_on(node.args))})")
        return f"{_RIGHT}(…) stands for the function as it should be", _diff(right, wrong)
    cells = [cell for place in _tasks(operator) for cell in _right_cells(*place, solutions)]
    near = _nearest(wrong, (*cells, *_helpers(mistake)))
    if near is not None:
        return "a right answer, and one with this mistake", _diff(near, wrong)
    return "what the mistake computes", _diff("", wrong)


def _passed_on(arguments: ast.arguments) -> Iterator[str]:
    """The parameters of a function as it would pass them on to another one."""
    for argument in (*arguments.posonlyargs, *arguments.args):
        yield argument.arg
    if arguments.vararg is not None:
        yield f"*{arguments.vararg.arg}"
    for argument in arguments.kwonlyargs:
        yield f"{argument.arg}={argument.arg}"
    if arguments.kwarg is not None:
        yield f"**{arguments.kwarg.arg}"


def _with_body(node: ast.FunctionDef, result: str) -> str:
    """The function ``node`` with nothing in it but to return ``result``."""
    made = copy.copy(node)
    made.body = list(ast.parse(f"def f(): return {result}").body[0].body)  # type: ignore[attr-defined]
    return ast.unparse(made)


def _helpers(mistake: Mistake) -> Iterator[str]:
    """The right function that the mistakes beside this one are made from, and the reference."""
    assignment = next(a for a in catalogue.assignments() if mistake in catalogue.all_mistakes(a))
    module = importlib.import_module(f"autograder.mistakes.{assignment}")
    reference = importlib.import_module(f"autograder.reference.{assignment}")
    for function in (getattr(module, "_right", None), reference.OPERATORS[mistake.operator]):
        code = None if function is None else _source(function)
        if code is not None and isinstance(code.body[0], ast.FunctionDef):
            code.body[0].name = mistake.operator
            yield _text(code)


def _source(function: Callable[..., Any]) -> ast.Module | None:
    """The code of a mistake, without what has made it one."""
    function = _inner(function)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    _without_notes(tree)
    return tree


def _inner(function: Callable[..., Any]) -> Callable[..., Any]:
    """The rule that a family's wrapper was made from, or the function itself."""
    function = getattr(function, "func", function)  # functools.partial
    code = getattr(function, "__code__", None)
    for name, cell in zip(
        getattr(code, "co_freevars", ()), getattr(function, "__closure__", None) or (), strict=False
    ):
        if name == "rule" and inspect.isfunction(cell.cell_contents):
            return _inner(cell.cell_contents)
    return function


def _calls_right(tree: ast.Module, operator: str) -> str:
    """The code of ``tree`` with one name for the right function, by whatever it is called."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            name = ast.unparse(call.func)
            if name in ("right", "_right", f"reference.{operator}"):
                call.func = ast.Name(_RIGHT)
    return _text(tree)


def _tidy(source: str) -> str:
    """A cell in the standard form that the others have too."""
    tree = ast.parse(source)
    _without_notes(tree)
    return _text(tree)


def _without_notes(tree: ast.Module) -> None:
    """Take out imports, decorators, annotations and docstrings."""
    tree.body = [n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = []
            node.returns = None
            if ast.get_docstring(node, clean=False) is not None and len(node.body) > 1:
                node.body = node.body[1:]
        elif isinstance(node, ast.arg):
            node.annotation = None


def _text(tree: ast.Module) -> str:
    return ast.unparse(tree).strip()


def _diff(right: str, wrong: str) -> list[str]:
    return list(_unified(right.splitlines(), wrong.splitlines()))


def _unified(right: list[str], wrong: list[str]) -> Iterator[str]:
    lines = difflib.unified_diff(right, wrong, lineterm="", n=4)
    for number, line in enumerate(lines):
        # The names of two files, and where the first piece begins, tell nothing.
        if number > 1 and not (number == 2 and line.startswith("@@")):
            yield "…" if line.startswith("@@") else line
