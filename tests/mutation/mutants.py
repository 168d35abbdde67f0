"""Small changes to the reference's operators, made with cosmic-ray.

Used are these of cosmic-ray's operators, here called *kinds* of changes, because an operator is
what a task implements:

- one arithmetic operator in place of another, of ``+ - * / // % **``;
- one comparison in place of another, of ``== != < <= > >=``, and ``is`` with ``is not``;
- a minus sign or a ``not`` taken away, a ``not`` put before a condition;
- ``and`` for ``or``, ``True`` for ``False``, ``break`` for ``continue``, each also the other way;
- a number one larger or one smaller;
- a loop that runs over nothing.

Left out are: shifts and bit operators, which nobody writes here by accident, and which are as wrong
as the others on whole numbers and a ``TypeError`` on all else; ``is`` in place of ``==``, which is
the same for small whole numbers in CPython by luck; ``+x`` and ``~x`` for ``-x``, the one equal to
taking the sign away and the other, in an index, to a number one larger; exception handlers and
decorators, of which the reference has none; and replacing or inserting variables, which cosmic-ray
does with random numbers, so that a mutant would not be the same one in the next run.

Code that never runs when a submission is graded is not changed: what no operator reaches (aliases
of types, ``__all__``, ``OPERATORS``, and what :data:`ORACLE_ONLY` lists), annotations, and the
exception that a ``raise`` makes, which is its message. Docstrings hold nothing that these changes
could hit.
"""

from __future__ import annotations

import ast
import functools
import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations, zip_longest
from pathlib import Path
from types import ModuleType
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

from autograder import reference
from autograder.suites.pooling import CONVENTIONS

__all__ = [
    "KINDS",
    "MODULES",
    "Mutant",
    "Target",
    "functions",
    "generate",
    "implements",
    "load",
    "original",
    "select",
    "source_of",
]

MODULES = ("convolution", "pooling", "normalization", "convnet")
"""Modules of the reference, each named for its assignment; one imports only from those before."""

ORACLE_ONLY = {("pooling", "LAYERS")}
"""Definitions that an operator reaches, but not when a submission is graded: a check hands in a
layer as a function, and only the reference looks one up by its name."""

_ARITHMETIC = ("Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow")
_COMPARISONS = ("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE")
KINDS = (
    *(f"ReplaceBinaryOperator_{a}_{b}" for a, b in permutations(_ARITHMETIC, 2)),
    *(f"ReplaceComparisonOperator_{a}_{b}" for a, b in permutations(_COMPARISONS, 2)),
    *(f"ReplaceComparisonOperator_{a}_{b}" for a, b in permutations(("Is", "IsNot"), 2)),
    "ReplaceUnaryOperator_Delete_USub",
    "ReplaceUnaryOperator_Delete_Not",
    "AddNot",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "NumberReplacer",
    "ZeroIterationForLoop",
)
"""Names of cosmic-ray's operators, without the name of its provider."""

Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Target:
    """An operator of an assignment."""

    assignment: str
    operator: str


@dataclass(frozen=True)
class Mutant:
    """One small change to a module of the reference.

    ``function`` is the top-level definition that is changed, ``before`` and ``after`` its changed
    line without indentation, ``source`` the whole module after the change, and ``reached`` are the
    operators that use the definition, those of the module's own assignment first.
    """

    module: str
    function: str
    kind: str
    line: int
    before: str
    after: str
    source: str = field(repr=False)
    reached: tuple[Target, ...] = field(repr=False)

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What stays the same when other lines of the module change."""
        return self.module, self.function, self.kind, self.before, self.after


def source_of(module: str) -> str:
    """The source of a module of the reference."""
    return (Path(reference.__path__[0]) / f"{module}.py").read_text(encoding="utf-8")


def original(module: str) -> ModuleType:
    """The module itself."""
    return importlib.import_module(f"autograder.reference.{module}")


def functions(module: str) -> dict[str, str]:
    """The source of every top-level definition by its name."""
    text = source_of(module)
    return {
        name: "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])
        for name, node in _definitions(module).items()
    }


@functools.cache
def generate(module: str) -> tuple[Mutant, ...]:
    """All mutants of a module, in the order of its lines. No two are the same code."""
    lines = source_of(module).splitlines(keepends=True)
    found = []
    for name, node in _definitions(module).items():
        reached = _reached(module, name)
        if not reached or (module, name) in ORACLE_ONLY:
            continue
        assert node.end_lineno is not None
        first, last = node.lineno - 1, node.end_lineno
        seen: set[str] = set()
        for kind, line, code in _changes("".join(lines[first:last]), list(_idle(node))):
            if code in seen:
                continue
            seen.add(code)
            changed = [*lines[:first], code, *lines[last:]]
            before, after = _difference("".join(lines[first:last]), code)
            found.append(
                Mutant(module, name, kind, first + line, before, after, "".join(changed), reached)
            )
    return tuple(sorted(found, key=lambda mutant: mutant.line))


def _changes(code: str, idle: list[Span]) -> Iterator[tuple[str, int, str]]:
    """Kind, line and outcome of every change to ``code`` that touches nothing in ``idle``."""
    nodes = list(ast_nodes(get_ast(code)))
    for kind in KINDS:
        operator: Operator = get_operator(f"core/{kind}")()
        places = [place for node in nodes for place in operator.mutation_positions(node)]
        for occurrence, (start, end) in enumerate(places):
            if any(first <= start and end <= last for first, last in idle):
                continue
            changed = mutate_code(code, operator, occurrence)
            if changed is not None and _compiles(changed):
                yield kind, start[0], changed


def _compiles(code: str) -> bool:
    """Whether this is Python: cosmic-ray takes the stars of ``{**a}`` for a power."""
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def _difference(before: str, after: str) -> tuple[str, str]:
    """The first line that differs, before and after."""
    for one, other in zip_longest(before.splitlines(), after.splitlines(), fillvalue=""):
        if one != other:
            return one.strip(), other.strip()
    raise ValueError("nothing was changed")


def _idle(definition: ast.stmt) -> Iterator[Span]:
    """Where a definition holds code that does not run: annotations, and what is raised.

    Lines are counted from the definition's first one, columns in characters: the reference's code
    is ASCII outside of strings, and where a string precedes on the line the two can only differ
    inside an f-string of a message, which is left out as a whole.
    """
    nodes: list[ast.AST | None] = []
    for node in ast.walk(definition):
        if isinstance(node, ast.FunctionDef):
            nodes.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            nodes.append(node.annotation)
        elif isinstance(node, ast.Raise):
            nodes.append(node)
    for idle in nodes:
        if isinstance(idle, ast.expr | ast.Raise):
            assert idle.end_lineno is not None
            assert idle.end_col_offset is not None
            skipped = definition.lineno - 1
            yield (
                (idle.lineno - skipped, idle.col_offset),
                (idle.end_lineno - skipped, idle.end_col_offset),
            )


@functools.cache
def _definitions(module: str) -> Mapping[str, ast.stmt]:
    """The top-level definitions by name: functions and what is assigned."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(source_of(module)).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return found


def _live(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below ``node`` but annotations."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from _live(child)


@functools.cache
def _used(module: str, name: str) -> frozenset[tuple[str, str]]:
    """The definitions that this one uses, directly or indirectly, and itself."""
    seen: set[tuple[str, str]] = set()
    ahead = [(module, name)]
    while ahead:
        here, current = ahead.pop()
        if (here, current) in seen or current not in _definitions(here):
            continue
        seen.add((here, current))
        for node in _live(_definitions(here)[current]):
            if isinstance(node, ast.Name):
                ahead.append((here, node.id))
            elif (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in MODULES
            ):
                ahead.append((node.value.id, node.attr))
    return frozenset(seen)


def _reached(module: str, name: str) -> tuple[Target, ...]:
    """The operators that use the definition ``name`` of ``module``."""
    return tuple(
        Target(other, operator)
        for other in sorted(MODULES, key=lambda other: other != module)
        for operator, function in original(other).OPERATORS.items()
        if (module, name) in _used(other, function.__name__)
    )


def load(mutant: Mutant) -> dict[str, Mapping[str, Any]]:
    """The operators of every assignment, with this change.

    The changed module is made beside the true one, which stays as it is: the hidden checks take
    from it what they expect. Modules that import the changed one are made anew, too.
    """
    made: dict[str, ModuleType] = {}
    for name in MODULES:
        imported = {other: made[other] for other in made if hasattr(original(name), other)}
        if name != mutant.module and not imported:
            continue
        module = ModuleType(f"autograder.reference.{name}")
        module.__package__ = "autograder.reference"
        text = mutant.source if name == mutant.module else source_of(name)
        exec(compile(text, f"<mutant of {name}>", "exec"), vars(module))
        vars(module).update(imported)
        made[name] = module
    return {name: made.get(name, original(name)).OPERATORS for name in MODULES}


def implements(target: Target) -> str:
    """The operator whose task ``target`` solves.

    That is ``target`` itself, but for max pooling's gradient: which of several equal maxima gets
    it is free, and there is an operator for each way.
    """
    return CONVENTIONS[0] if target.operator in CONVENTIONS else target.operator


def select(mutants: Iterable[Mutant], operator: str) -> list[Mutant]:
    """The mutants that reach ``operator``, and nothing else that they reach."""
    narrowed = []
    for mutant in mutants:
        reached = tuple(target for target in mutant.reached if target.operator == operator)
        if reached:
            narrowed.append(replace(mutant, reached=reached))
    return narrowed
