"""A right answer is never failed for style.

Every code cell of a model solution that holds an answer is rewritten in a way that changes nothing
about what it computes: another layout, other names, comments, prints, warnings, type hints,
decorators, methods, own cells. Every rewritten notebook, graded as the command does, must get all
its points.
"""

from __future__ import annotations

import ast
import builtins
import copy
import io
import itertools
import json
import symtable
import textwrap
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.grading import grade
from autograder.worker.host import Cell, Sandbox, SandboxedSubmission

ROOT = Path(__file__).parent.parent
ASSIGNMENTS = ("convolution", "pooling", "normalization", "convnet")

Cells = list[dict[str, Any]]
Function = ast.FunctionDef


def code(source: str) -> dict[str, Any]:
    """A code cell of the student's own."""
    source = textwrap.dedent(source).strip("\n")
    return {
        "cell_type": "code", "metadata": {}, "source": source, "outputs": [],
        "execution_count": None,
    }  # fmt: skip


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def answers(cells: Cells) -> Iterator[dict[str, Any]]:
    """The code cells that hold a solution."""
    for cell in cells:
        marks = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and marks.get("solution"):
            yield cell


def each_answer(rewrite: Callable[[str], str], *first: str) -> Callable[[Cells], Cells]:
    """A rewriting of notebooks: ``rewrite`` for every answer, after the own cells ``first``."""

    def rewritten(cells: Cells) -> Cells:
        for cell in answers(cells):
            before = cell["source"]
            cell["source"] = rewrite(before)
            assert cell["source"] != before, "nothing was rewritten"
        return [*map(code, first), *cells]

    return rewritten


def functions(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def without_docstring(function: Function) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def bare(source: str) -> str:
    """As Python itself writes it: no comments, no blank lines, no docstrings, one line a statement.

    What stands in brackets over several lines becomes one long line.
    """
    tree = ast.parse(source)
    for function in functions(tree):
        function.body = without_docstring(function)
    return ast.unparse(tree)


def tabs_and_semicolons(source: str) -> str:
    """Indented by tabs, and simple statements of one block joined by semicolons."""
    compound = ("def ", "for ", "while ", "if ", "elif ", "else:", "try:", "except", "with ", "@")
    lines: list[tuple[int, str]] = []
    for line in bare(source).splitlines():
        text = line.lstrip(" ")
        depth = (len(line) - len(text)) // 4
        joins = lines and lines[-1][0] == depth and not lines[-1][1].startswith(compound)
        if joins and text and not text.startswith(compound):
            lines[-1] = (depth, f"{lines[-1][1]};{text}")
        else:
            lines.append((depth, text))
    return "\n".join("\t" * depth + text for depth, text in lines) + ";\n"


def broken_lines(source: str) -> str:
    """Indented by two spaces, every statement broken by backslashes, blank lines everywhere."""
    lines = []
    for line in bare(source).splitlines():
        text = line.lstrip(" ")
        depth = (len(line) - len(text)) // 4
        pieces, end, inside = [""], 0, 0
        for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
            if token.type in (tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER):
                break
            if tokenize.tok_name[token.type] in ("INDENT", "DEDENT"):
                continue
            start = token.start[1]
            # Since Python 3.12 the parts of an f-string are tokens, and a break would be text.
            kind = tokenize.tok_name[token.type]
            if token.type == tokenize.OP and not inside and pieces[-1].strip():
                pieces.append("")
            inside += {"FSTRING_START": 1, "FSTRING_END": -1}.get(kind, 0)
            pieces[-1] += text[end : token.end[1]] if pieces[-1] else text[start : token.end[1]]
            end = token.end[1]
        lines.append("  " * depth + "\\\n            ".join(pieces))
        lines.append("")
    return "\n\n".join(lines) + "\n\n\n"


STRANGE = (
    "l", "O", "I", "id", "max", "list", "input", "type", "ñ", "überall", "переменная", "变量",
    "x_1__", "_", "__", "_private", "self", "cls", "args", "np_", "Δ", "len", "sum", "range",
    "print", "eval", "dir", "hash", "λ", "ᚠ", "i", "x", "data", "foo", "tmp", "tmp2", "tmp_final",
)  # fmt: skip


def renamed(source: str) -> str:
    """Other names for parameters and everything local: l, builtins, letters of many alphabets."""
    tree = ast.parse(source)
    outer = symtable.symtable(source, "cell", "exec")
    for function, scope in zip(
        (node for node in tree.body if isinstance(node, ast.FunctionDef)),
        (child for child in outer.get_children() if child.get_type() == "function"),
        strict=True,
    ):
        own, foreign = _names(scope)
        assert not own & foreign, "a name is local here and global there"
        # Starting elsewhere each time, so that the first parameter is not always "l".
        start = sum(map(ord, function.name)) % len(STRANGE)
        fresh = itertools.cycle(STRANGE[start:] + STRANGE[:start])
        mapping: dict[str, str] = {}
        for name in sorted(own):
            new = next(n for n in fresh if n not in foreign and n not in mapping.values())
            mapping[name] = new
        _Renamer(mapping).visit(function)
    return ast.unparse(tree)


def _names(scope: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    """The names bound in ``scope`` or below, and those that come from outside."""
    own, foreign = set(), set()
    for symbol in scope.get_symbols():
        if symbol.is_global():
            foreign.add(symbol.get_name())
        elif symbol.is_local() and not symbol.get_name().startswith("."):
            own.add(symbol.get_name())
    for child in scope.get_children():
        inner_own, inner_foreign = _names(child)
        own |= inner_own
        foreign |= inner_foreign
    return own, foreign


class _Renamer(ast.NodeTransformer):
    def __init__(self, mapping: dict[str, str]) -> None:
        self._mapping = mapping

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._mapping.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._mapping.get(node.arg, node.arg)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self._mapping.get(node.name, node.name) if node.name else None
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._mapping.get(node.name, node.name)
        return self.generic_visit(node)


DOCSTRING = '''"""Прямой 🦄 畳み込み層. ¿Por qué? \\\\ "quoted" % {braces} ### END SOLUTION"""'''


def commented(source: str) -> str:
    """A comment behind and above every line, and docstrings in other languages."""
    lines = []
    for line in bare(source).splitlines():
        space = line[: len(line) - len(line.lstrip())]
        lines.append(f"{space}# NB: 为什么? ¯\\_(ツ)_/¯  def wrong(): return None  🤔")
        lines.append(f"{line}  # {line.strip()}")
        if line.lstrip().startswith("def "):
            lines.append(f"{space}    {DOCSTRING}")
    return "# %% ### BEGIN SOLUTION\n" + "\n".join(lines) + "\n# the end"


def with_statements(start: str, loop: str = "") -> Callable[[str], str]:
    """Statements at the start of every function, and at the start of every loop's body."""

    def rewrite(source: str) -> str:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.For | ast.While):
                node.body[:0] = ast.parse(loop).body
        for function in functions(tree):
            function.body = [*ast.parse(start).body, *without_docstring(function)]
        return ast.unparse(tree)

    return rewrite


CHATTY = with_statements(
    "import sys\n"
    "print('called with', *range(3), sep='\\n', flush=True)\n"
    "sys.stderr.write('I am here: ' + 'x' * 2000 + '\\n')",
    "print('in the loop', '.' * 120)",
)

WARNED = with_statements(
    "import warnings\n"
    "warnings.warn('this is slow', stacklevel=1)\n"
    "warnings.warn('and old', DeprecationWarning, stacklevel=2)\n"
    "np.ones(2) / np.zeros(2)\n"
    "np.log(np.zeros(1) - 1)\n"
    "np.float32(3e38) * np.float32(10)"
)

LOGGED = with_statements(
    "assert LEVELS, 'the globals are gone'\n"
    "global CALLS\n"
    "CALLS += 1\n"
    "LOG.debug('call %d', CALLS)\n"
    "unused = SCALE * CALLS\n"
    "del unused"
)

HINTS = (
    "np.ndarray", "npt.NDArray[np.floating[Any]]", "'a string'", "int | None", "Optional[int]",
    "Mapping[str, Any]", "Annotated[int, 'at least one']", "list[tuple[int, int]]",
    "Callable[..., T]", "Literal['train', 'test']",
)  # fmt: skip

HINT_IMPORTS = """
from __future__ import annotations
import typing as t
from collections.abc import Callable, Mapping
from typing import *
import numpy as np
import numpy.typing as npt
T = TypeVar("T")
"""


def typed(source: str) -> str:
    """Hints at every parameter, result and first assignment to a name."""
    tree = ast.parse(source)
    hints = itertools.cycle(HINTS)
    for function in functions(tree):
        a = function.args
        for argument in (*a.posonlyargs, *a.args, *a.kwonlyargs):
            argument.annotation = _expression(next(hints))
        function.returns = _expression(next(hints))
        _Annotator(hints).visit(function)
    text = ast.unparse(ast.fix_missing_locations(tree))
    # In every second cell hints are evaluated, as they are without the import from the future.
    return f"from __future__ import annotations\n{text}" if len(source) % 2 else text


class _Annotator(ast.NodeTransformer):
    def __init__(self, hints: Iterator[str]) -> None:
        self._hints = hints

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            hint = _expression(next(self._hints))
            return ast.AnnAssign(node.targets[0], hint, node.value, simple=1)
        return node


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


DECORATOR = """
import functools

def harmless(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

def with_options(**options):
    return harmless
"""


def decorated(source: str) -> str:
    tree = ast.parse(source)
    for function in functions(tree):
        function.decorator_list = [_expression("harmless"), _expression("with_options(a=1)")]
    return ast.unparse(tree)


MAGICS = (
    "%%time\n{}",
    "%%capture captured\n{}",
    "%matplotlib inline\n{}\n!pip list",
    "{}\n%timeit -n1 -r1 None\nget_ipython().run_line_magic('load_ext', 'autoreload')",
    "%config InlineBackend.figure_format = 'retina'\nhere = %pwd\nfiles = !ls\n{}",
)


def with_magics(source: str) -> str:
    return MAGICS[len(source) % len(MAGICS)].format(source)


def methods_and_lambdas(source: str) -> str:
    """A method of an object, or a lambda that calls a function with another name."""
    tree = ast.parse(source)
    parts = []
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            parts.append(ast.unparse(node))
        elif len(node.name) % 2:
            node.args.args.insert(0, ast.arg("self"))
            body = textwrap.indent(ast.unparse(node), "    ")
            parts.append(f"class Answer(object):\n{body}\n{node.name} = Answer().{node.name}")
        else:
            name, node.name = node.name, f"my_{node.name}_v2"
            parts.append(f"{ast.unparse(node)}\n{name} = lambda *a, **k: my_{name}_v2(*a, **k)")
    return "\n".join(parts)


def split_over_cells(cells: Cells) -> Cells:
    """What an answer does stands in a cell before it, or after; the answer only calls it."""
    split: Cells = []
    for cell in cells:
        if cell not in list(answers(cells)):
            split.append(cell)
            continue
        tree = ast.parse(cell["source"])
        calls = []
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                name, node.name = node.name, f"_{node.name}_helper"
                calls.append(f"def {name}(*args):\n    return {node.name}(*args)")
        helper, answer = code(ast.unparse(tree)), {**cell, "source": "\n\n".join(calls)}
        split += [helper, answer] if len(split) % 2 else [answer, helper]
    return split


EXTRA = (
    markdown("# My notes\n\n$$\\sum_i x_i$$ <script>alert(1)</script>"),
    code("N = 5\nC = H = W = F = stride = pad = x = w = out = 'mine'"),
    code("def broken(:\n    this is not Python"),
    code("%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%time N + 1"),
    code("!pip install torch\n!ls -l\nfiles = !ls"),
    code("%%time\nprint('timed')"),
    code("%%bash\necho hello"),
    code("np.zeros?"),
    code("print('x' * 100_000)\nfor i in range(100): print(i)"),
    code("plt.figure()\nplt.plot(np.arange(5))\nplt.show()"),
    code("raise KeyError('unrelated')"),
    code("1 / 0"),
    code("not_defined_anywhere + 1"),
    code("import numpy\nimport numpy as np\nimport numpy as xp"),
    code(""),
    code("# only a comment"),
    code("'a string'; np.random.seed(3); np.set_printoptions(precision=2)"),
    code("import torch"),
    code("from IPython.display import display, HTML\ndisplay(HTML('<b>hi</b>'))"),
)


def extra_cells(cells: Cells) -> Cells:
    """Cells of the student's own everywhere, before, between and after the answers."""
    extra = itertools.cycle(EXTRA)
    # Nothing may come before the notebook's own imports but what needs none of them.
    between = [part for cell in cells for part in (cell, copy.deepcopy(next(extra)))]
    assert len(between) > 2 * len(EXTRA)
    return [copy.deepcopy(EXTRA[0]), *between, code("import numpy as np"), code("N = 5")]


def star_import(cells: Cells) -> Cells:
    return [*cells, code("from numpy import *")]


def windows(cells: Cells) -> Cells:
    """Line ends of Windows in some cells, of an old Mac in others; some as lists of lines."""
    ends = itertools.cycle(["\r\n", "\r", "\n\r\n"])
    for cell, end in zip(cells, ends, strict=False):
        text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        changed = text.replace("\n", end) + end
        cell["source"] = changed.splitlines(keepends=True) if len(text) % 2 else changed
    return cells


STYLES: dict[str, Callable[[Cells], Cells]] = {
    "tabs and semicolons": each_answer(tabs_and_semicolons),
    "broken lines": each_answer(broken_lines),
    "renamed": each_answer(renamed),
    "commented": each_answer(commented),
    "chatty": each_answer(CHATTY, "import sys\nprint('start', file=sys.stderr)"),
    "warned": each_answer(
        WARNED, "import numpy as np\nimport warnings\nwarnings.simplefilter('always')"
    ),
    "warnings are errors": lambda cells: [
        code("import warnings\nwarnings.simplefilter('error')"),
        *cells,
    ],
    "logged": each_answer(
        LOGGED,
        """
        import logging, sys
        logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, force=True)
        LOG, LEVELS, CALLS, SCALE = logging.getLogger("mine"), {"debug": 10}, 0, 2.5
        """,
        "unrelated = 3\ndel unrelated",
    ),
    "typed": each_answer(typed, HINT_IMPORTS),
    "decorated": each_answer(decorated, DECORATOR),
    "magics": each_answer(with_magics),
    "methods and lambdas": each_answer(methods_and_lambdas),
    "split over cells": split_over_cells,
    "extra cells": extra_cells,
    "star import": star_import,
    "windows": windows,
}


PAIRS = [(name, ASSIGNMENTS[(n + k) % 4]) for n, name in enumerate(STYLES) for k in (0, 2)]
"""Each style in two assignments, and each assignment in half of the styles."""


@pytest.mark.parametrize(("style", "assignment"), PAIRS)
def test_style_costs_no_points(
    style: str, assignment: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    source = ROOT / "solutions" / assignment / f"{assignment}.ipynb"
    notebook = json.loads(source.read_text())
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    before = copy.deepcopy(notebook["cells"])
    notebook["cells"] = STYLES[style](notebook["cells"])
    assert notebook["cells"] != before
    target = tmp_path / "styled.ipynb"
    target.write_text(json.dumps(notebook))

    report = grade(target, box=sandbox, seed=5)

    assert report.status == "graded", report.message
    lost = [
        f"{task.task}, {check.name}: {check.verdict}: {check.message}"
        for task in report.tasks
        for check in task.checks
        if check.verdict != "passed"
    ]
    assert not lost, "\n".join([*lost, *map(str, report.cells[:5])])
    assert report.points == report.max_points > 0


def test_renaming_shadows_builtins_and_speaks_other_alphabets() -> None:
    sources = [
        "".join(cell["source"])
        for assignment in ASSIGNMENTS
        for cell in answers(
            json.loads((ROOT / f"solutions/{assignment}/{assignment}.ipynb").read_text())["cells"]
        )
    ]
    names = {
        argument.arg
        for source in sources
        for function in functions(ast.parse(renamed(source)))
        for argument in function.args.args
    }
    assert names & set(dir(builtins))
    assert any(not name.isascii() for name in names)
    assert not names & {"dout", "cache", "conv_param", "pool_param", "bn_param"}


def test_hints_are_evaluated_as_in_a_kernel(sandbox: Sandbox) -> None:
    source = "def f(x: int): pass\nassert f.__annotations__ == {'x': int}, f.__annotations__"
    with SandboxedSubmission(sandbox, [Cell("cell 1", source)]) as submission:
        (result,) = submission.run()
    assert result.status == "ok", result.message
