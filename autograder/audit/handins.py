"""What an audit hands in: the model solution with one cell replaced.

By a *known mistake*, by a *specimen* (a wrong cell written apart from the known mistakes, to see
whether they are recognised in other people's code), by a *correct variant*, or by a *slow* one,
which is right but not vectorized, or not fast.
"""

from __future__ import annotations

import ast
import base64
import functools
import graphlib
import importlib
import importlib.util
import inspect
import marshal
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .. import rooms
from ..assignments import Assignment, find
from ..mistakes import Mistake, catalogue
from ..notebook import UnreadableNotebook, read
from ..suites.calling import Call, Protocol
from ..worker.host import Cell
from . import adapters

__all__ = ["HandIn", "Kind", "Solution", "hand_ins"]

Kind = Literal["mistake", "specimen", "variant", "slow"]


@dataclass(frozen=True)
class HandIn:
    """A cell in place of the model solution's cell of ``task``; ``task`` is '' for the model
    solution itself. ``mistake`` names the known mistake that it makes."""

    kind: Kind
    assignment: str
    task: str
    name: str
    source: str
    mistake: str = ""


class Solution:
    """The cells of a model solution that hold its functions, by the task that each is for."""

    def __init__(self, folder: Path, assignment: str) -> None:
        self.assignment: Assignment = find(assignment)
        path = folder / assignment / self.assignment.notebook
        try:
            notebook = read(path)
        except UnreadableNotebook as error:
            raise ValueError(f"{path}: {error}; say where they are with --solutions") from None
        tasks = {task.task for task in self.assignment.tasks}
        code = [cell for cell in notebook.cells if cell.kind == "code"]
        # Other cells look at results and draw; of these the imports are needed, and nothing else.
        self._sources = {
            "imports": "\n".join(_imports(cell.source) for cell in code if not cell.grade_id),
            **{c.grade_id: c.source for c in code if c.grade_id and c.grade_id not in tasks},
        }

    @property
    def tasks(self) -> list[str]:
        """The tasks that are graded automatically."""
        return [task.task for task in self.assignment.tasks if not task.by_hand]

    def source(self, task: str) -> str:
        """The model solution's cell of ``task``."""
        return self._sources[f"{task}-code"]

    def cells(self, hand_in: HandIn | None = None) -> list[Cell]:
        """The cells to run, with one replaced by ``hand_in``."""
        replaced = {f"{hand_in.task}-code": hand_in.source} if hand_in and hand_in.task else {}
        return [
            Cell(f"cell {number} ({name})", replaced.get(name, source))
            for number, (name, source) in enumerate(self._sources.items(), 1)
        ]

    def namespace(self, hand_in: HandIn | None = None, **given: Any) -> dict[str, Any]:
        """The names that the cells leave, run in this process: for code of ours, not to grade.

        ``given`` is there before they run.
        """
        names: dict[str, Any] = {"__name__": "__main__", **given}
        for cell in self.cells(hand_in):
            exec(compile(cell.source, cell.label, "exec"), names)
        return names

    @functools.cached_property
    def _uses(self) -> dict[str, set[str]]:
        """The tasks that the model solution's cell of a task names."""
        found = {}
        for task in self.tasks:
            source = self._sources.get(f"{task}-code", "")
            names = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}
            call = protocol_of(self.assignment.name)[task]
            if call.own_cache:
                names.add(call.forward)
            found[task] = (names & set(self.tasks)) - {task}
        return found

    def needing(self, task: str) -> set[str]:
        """The other tasks whose model solution, or whose checks, call ``task``."""
        needing: set[str] = set()
        while True:
            more = {t for t, uses in self._uses.items() if uses & (needing | {task})} - {task}
            if more <= needing:
                return needing
            needing |= more


def _imports(source: str) -> str:
    """The import statements of a cell."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a magic
        return ""
    return "\n".join(ast.unparse(n) for n in body if isinstance(n, ast.Import | ast.ImportFrom))


@functools.cache
def protocol_of(assignment: str) -> Protocol:
    """How the tasks of ``assignment`` are called."""
    found: Protocol = importlib.import_module(f"autograder.suites.{assignment}").PROTOCOL
    return found


@functools.cache
def _parameters(assignment: str, operator: str) -> tuple[str, ...]:
    """The names of an operator's parameters."""
    reference = importlib.import_module(f"autograder.reference.{assignment}")
    return tuple(inspect.signature(reference.OPERATORS[operator]).parameters)


def hand_ins(
    solution: Solution, kinds: tuple[Kind, ...], tasks: set[str], *, once: bool = False
) -> Iterator[HandIn]:
    """Everything to hand in for an assignment; of ``tasks`` only, if there are any.

    With ``once``, a known mistake is handed in for the first task that implements its operator, and
    not for each of them.
    """
    name = solution.assignment.name
    if "variant" in kinds and not tasks:
        yield HandIn("variant", name, "", "model solution", "")
    wanted = [task for task in solution.tasks if not tasks or task in tasks]
    for task in wanted:
        protocol = protocol_of(name)
        operator = protocol.operator_of(task)
        if "mistake" in kinds and not (once and protocol.task_of(operator) != task):
            for mistake in catalogue.mistakes_of(operator):
                source = _mistaken(name, task, mistake)
                label = mistake.name.split(".", 1)[1]
                yield HandIn("mistake", name, task, label, source, mistake.name)
        folders: tuple[tuple[Kind, str], ...] = (
            ("specimen", f"mistakes/specimens/{name}/{task}"),
            ("variant", f"variants/{name}/{task}"),
            ("slow", f"variants/{name}/slow/{task}"),
        )
        for kind, room in folders:
            if kind in kinds:
                for path in rooms.files(room, "*.py"):
                    yield _from_file(kind, name, task, path)


def _from_file(kind: Kind, assignment: str, task: str, path: Path) -> HandIn:
    mistake = ""
    if kind == "specimen":
        mistake = f"{protocol_of(assignment).operator_of(task)}.{path.stem}"
    return HandIn(kind, assignment, task, path.stem, path.read_text(encoding="utf-8"), mistake)


def _mistaken(assignment: str, task: str, mistake: Mistake) -> str:
    """A cell that defines ``task`` with ``mistake``."""
    call = protocol_of(assignment)[task]
    lines = [
        _modules(assignment),
        f"_mistakes = sys.modules['autograder.mistakes.{assignment}'].MISTAKES",
        f"_wrong = next(m.function for m in _mistakes if m.name == {mistake.name!r})",
        f"{task} = as_task(_wrong, {_options(assignment, call)})",
    ]
    if call.forward and call.own_cache:
        lines.append(f"{call.forward} = with_inputs({call.forward})")
    return "\n".join(lines)


def _options(assignment: str, call: Call) -> str:
    options: dict[str, Any] = {
        "backward": bool(call.forward),
        "returns_cache": call.cache is not None,
    }
    names = _parameters(assignment, call.operator)
    if call.state is not None:
        options["state"] = (names.index(call.state[0]), call.state[1])
    if call.trusted is not None:
        options["trusted"] = call.trusted
    return ", ".join(f"{name}={value!r}" for name, value in options.items())


def _references() -> Iterator[str]:
    """The modules of the reference, each after those that it builds on."""
    files = {path.stem: path for path in rooms.files("reference", "[a-z]*.py")}
    needs: dict[str, set[str]] = {}
    for name, path in files.items():
        imports = [n for n in ast.walk(ast.parse(path.read_text())) if type(n) is ast.ImportFrom]
        beside = {n.module or a.name for n in imports if n.level == 1 for a in n.names}
        needs[name] = beside & files.keys()
    yield from graphlib.TopologicalSorter(needs).static_order()


_PACKAGES = {
    "autograder.mistakes": "from .register import Mistake, Register",
    "autograder.reference": "# its modules are here already",
}
"""What stands in a worker for packages, which look for rooms that it does not have."""


def _source(module: str) -> str:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8")


@functools.cache
def _modules(assignment: str) -> str:
    """The start of a cell: the known mistakes of ``assignment`` and what they need, as compiled
    modules. A worker has none of the kit's files."""
    names = ["autograder.mistakes.register", *_PACKAGES, "autograder.mistakes.families"]
    names += [f"autograder.reference.{name}" for name in _references()]
    names.append(f"autograder.mistakes.{assignment}")
    codes = {}
    for name in names:
        codes[name] = compile(_PACKAGES.get(name) or _source(name), name, "exec")
    blob = base64.b64encode(marshal.dumps(codes)).decode()
    loader = f"""
        import base64, marshal, sys, types
        for _name, _code in marshal.loads(base64.b64decode({blob!r})).items():
            _module = sys.modules[_name] = types.ModuleType(_name)
            _module.__package__ = _name.rpartition(".")[0]
            if _name in ("autograder.mistakes", "autograder.reference"):
                _module.__package__ = _name
            exec(_code, _module.__dict__)
    """
    source = inspect.getsource(adapters).partition("from __future__ import annotations")[2]
    return textwrap.dedent(loader) + source
