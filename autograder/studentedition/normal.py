"""Code in a normal form, in which two pieces are equal that differ in what does not matter.

A *line* is a line of text without spaces, comments and kind of quotes. A *fragment* is a statement
of the syntax tree without docstrings, annotations, decorators and places, its names replaced by
their order of appearance, but for those that are called, those of builtins and those of modules:
renamed or laid out anew it stays the same.
"""

from __future__ import annotations

import ast
import builtins
import functools
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = [
    "Fragment",
    "Table",
    "fragments",
    "lines",
    "occurring",
    "parsed",
    "squeezed",
    "uncommented",
    "weight",
]

_KEPT = {*dir(builtins), "np", "numpy", "plt", "math", "itertools", "functools"}


def squeezed(text: str) -> str:
    """``text`` without any space or line end, with one kind of quotes."""
    return "".join(text.split()).replace("'", '"')


def uncommented(source: str) -> str:
    """Python source without its comments; as it is where it cannot be read as Python."""
    if "#" not in source:
        return source
    rows = source.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                rows[row - 1] = rows[row - 1][:column]
    except (tokenize.TokenError, SyntaxError):
        return source
    return "\n".join(rows)


def lines(source: str, tree: ast.AST | None) -> Iterator[tuple[int, str]]:
    """The lines of Python source that hold code, from 1, without comments and docstrings."""
    rows = uncommented(source).split("\n")
    for node in _lone_texts(tree) if tree is not None and '"""' in source else ():
        for row in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            rows[row - 1] = ""
    for number, text in enumerate(rows, 1):
        if text.strip():
            yield number, text.strip()


def _lone_texts(tree: ast.AST) -> Iterator[ast.Expr]:
    """Docstrings, and other statements that are texts."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and _is_text(node):
            yield node
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _lone_texts(node)


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of Python source, which may be the inside of a function; None of no such.

    Places in the tree are those of the source.
    """
    indented = re.match(r"\s*\n*[ \t]", source) is not None
    try:
        tree = ast.parse("if True:\n" + source if indented else source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if indented:
        ast.increment_lineno(tree, -1)
        first, *rest = tree.body
        assert isinstance(first, ast.If)
        return ast.Module([*first.body, *rest], [])
    return tree


@functools.cache
def weight(line: str) -> int:
    """How many nodes the statement on one line has; 0 where it is none by itself.

    The head of a loop or of a branch counts; imports, heads of functions and classes, names for
    types and lone texts are what everybody writes, and weigh nothing.
    """
    text = f"{line} pass" if line.endswith(":") else line
    if line.startswith(("elif ", "else:")):
        text = f"if x: pass\n{text}"
    elif line.startswith(("except", "finally:")):
        text = f"try: pass\n{text}"
    try:
        node = ast.parse(text).body[-1]
    except (SyntaxError, ValueError):
        return 0
    nothing = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
    return 0 if nothing or _says_nothing(node) else sum(map(_counts, ast.walk(node)))


class Table:
    """Many texts, to be found in another one in a single go. Each has ``BEGINNING`` characters at
    least; shorter ones raise ``ValueError``."""

    BEGINNING = 14

    def __init__(self, texts: Iterable[str]) -> None:
        self.by_beginning: dict[str, list[str]] = {}
        for text in texts:
            if len(text) < self.BEGINNING:
                raise ValueError(f"{text!r} is too short")
            self.by_beginning.setdefault(text[: self.BEGINNING], []).append(text)


def occurring(table: Table, text: str) -> Iterator[str]:
    """Those of the texts in ``table`` that occur in ``text``, each as often as it does."""
    size, known = table.BEGINNING, table.by_beginning
    for start in range(len(text) - size + 1):
        candidates = known.get(text[start : start + size])
        if candidates is not None:
            yield from (other for other in candidates if text.startswith(other, start))


@dataclass(frozen=True)
class Fragment:
    """A statement in its normal form, with its size in nodes and its line in the source.

    ``function`` is set for a whole function.
    """

    form: str
    size: int
    line: int
    function: bool


def fragments(tree: ast.AST) -> list[Fragment]:
    """Every statement in ``tree``, those inside of others too."""
    reader = _Reader()
    reader.read(tree)
    return [reader.fragment(*span) for span in reader.spans]


class _Reader:
    """Writes a tree down as one row of marks, and where in it each statement begins and ends.

    A mark is a text, or a name in a tuple, to be numbered statement by statement.
    """

    def __init__(self) -> None:
        self.marks: list[str | tuple[str]] = []
        self.spans: list[tuple[int, int, int, bool]] = []

    def read(self, node: ast.AST) -> None:
        start = len(self.marks)
        if isinstance(node, ast.Name):
            self.marks.append(node.id if node.id in _KEPT else (node.id,))
            return
        if isinstance(node, ast.arg):
            self.marks.append((node.arg,))
            return
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self.marks += ["<Assign"]
                self.read(node.target)
                self.read(node.value)
                self.marks.append(">")
        else:
            self.marks.append("<" + type(node).__name__)
            for name, value in ast.iter_fields(node):
                if name not in ("annotation", "returns", "decorator_list", "type_comment", "ctx"):
                    self._field(node, name, value)
            self.marks.append(">")
        if isinstance(node, ast.stmt) and not _says_nothing(node):
            function = isinstance(node, ast.FunctionDef)
            self.spans.append((start, len(self.marks), node.lineno, function))

    def _field(self, node: ast.AST, name: str, value: object) -> None:
        if isinstance(node, ast.FunctionDef) and name == "name":
            return
        if isinstance(node, ast.Call) and name == "func" and isinstance(value, ast.Name):
            self.marks.append(value.id)
        elif isinstance(value, ast.AST):
            self.read(value)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, ast.AST):
                    if not _is_text(item):
                        self.read(item)
                else:
                    self.marks.append(repr(item))
        elif value is not None:
            self.marks.append(repr(value))

    def fragment(self, start: int, end: int, line: int, function: bool) -> Fragment:
        numbers: dict[str, str] = {}
        form, size = [], 0
        for mark in self.marks[start:end]:
            if isinstance(mark, tuple):
                form.append(numbers.setdefault(mark[0], f"_{len(numbers)}"))
                size += 1
            else:
                form.append(mark)
                size += mark[0] == "<" and mark[1:] not in _FREE
        return Fragment(" ".join(form), size, line, function)


_FREE = {
    kind.__name__
    for family in (ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.expr_context)
    for kind in family.__subclasses__()
}


def _counts(node: ast.AST) -> bool:
    return type(node).__name__ not in _FREE


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _says_nothing(node: ast.AST) -> bool:
    alone = ast.Import | ast.ImportFrom | ast.Pass | ast.Global | ast.Nonlocal
    return _is_text(node) or isinstance(node, alone) or _names_a_type(node)


def _names_a_type(node: ast.AST) -> bool:
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Subscript):
        return False
    parts = ast.Subscript | ast.Name | ast.Attribute | ast.Tuple | ast.List | ast.expr_context
    (target, *_) = node.targets
    named = isinstance(target, ast.Name) and re.match("[A-Z][a-z]", target.id) is not None
    return named and all(isinstance(part, parts) for part in ast.walk(node.value))
