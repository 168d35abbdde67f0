"""Loops that an opcode count does not see, because they run in C: brought to light, or named.

``map``, ``filter``, ``functools.reduce`` and ``itertools.starmap`` call a function once an item
without a line of Python when that function is C's own. While a call is traced, versions in Python
stand in for them, and their steps are counted like all others; taking ``map(int, shape)`` over four
numbers stays as harmless as it is.

Others cannot be counted so, and no vectorized operator needs them; :func:`named` finds them by name
in the function and in those of the notebook that it uses.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import itertools
import linecache
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

__all__ = ["SHORTCUTS", "counted", "is_cell", "named"]

SHORTCUTS = {
    "frompyfunc": "np.frompyfunc, which calls a Python function once an element",
    "object": "an array of dtype object, whose arithmetic runs element by element",
    "numba": "numba, which compiles loops instead of replacing them",
    "ctypes": "ctypes, which calls code that is not NumPy's",
}
"""What is refused by name, and why; the text follows ``uses``."""

MOST = 200
"""How many functions of a notebook are looked through."""


def is_cell(filename: str) -> bool:
    """Whether code of this file is the submission's: a cell, in a worker or in a live kernel."""
    return filename.startswith("<cell ") or "ipykernel" in filename


def _map(function: Callable[..., Any], *iterables: Iterable[Any]) -> Iterator[Any]:
    for arguments in zip(*iterables, strict=False):
        yield function(*arguments)


def _filter(function: Callable[..., Any] | None, iterable: Iterable[Any]) -> Iterator[Any]:
    for item in iterable:
        if item if function is None else function(item):
            yield item


def _starmap(function: Callable[..., Any], iterable: Iterable[Any]) -> Iterator[Any]:
    for arguments in iterable:
        yield function(*arguments)


_NOTHING = object()


def _reduce(function: Callable[..., Any], iterable: Iterable[Any], initial: Any = _NOTHING) -> Any:
    items = iter(iterable)
    value = next(items) if initial is _NOTHING else initial
    for item in items:
        value = function(value, item)
    return value


_STAND_INS: tuple[tuple[types.ModuleType, str, Any, Any], ...] = (
    (builtins, "map", map, _map),
    (builtins, "filter", filter, _filter),
    (functools, "reduce", functools.reduce, _reduce),
    (itertools, "starmap", itertools.starmap, _starmap),
)


@contextlib.contextmanager
def counted(namespace: dict[str, Any]) -> Iterator[None]:
    """Put the Python versions in place, in their modules and under any name in ``namespace``."""
    replaced: dict[str, Any] = {}
    try:
        for module, name, own, stand_in in _STAND_INS:
            setattr(module, name, stand_in)
            for key, value in list(namespace.items()):
                if value is own:
                    replaced[key] = own
                    namespace[key] = stand_in
        yield
    finally:
        for module, name, own, _ in _STAND_INS:
            setattr(module, name, own)
        namespace.update(replaced)


def named(function: Any, namespace: dict[str, Any]) -> list[str]:
    """The keys of :data:`SHORTCUTS` that ``function``, or what it uses of ``namespace``, needs."""
    found: set[str] = set()
    waiting: list[Any] = [function]
    seen: set[int] = set()
    while waiting and len(seen) < MOST:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        found |= _by_value(value)
        if isinstance(value, type):
            waiting += [v for v in vars(value).values() if isinstance(v, types.FunctionType)]
            continue
        code = getattr(value, "__code__", None)
        if not isinstance(code, types.CodeType):
            continue
        if _has_object_dtype(code):
            found.add("object")
        for name in _names(code):
            found |= {name} & {"frompyfunc", "numba", "ctypes"}
            inner = namespace.get(name)
            if isinstance(inner, types.FunctionType | type | np.ufunc | types.ModuleType):
                waiting.append(inner)
            elif inner is not None:
                found |= _by_value(inner)
    return sorted(found)


def _by_value(value: Any) -> set[str]:
    home = str(getattr(type(value), "__module__", ""))
    name = str(getattr(value, "__name__", "")) if isinstance(value, types.ModuleType) else home
    if name.split(".")[0] in ("numba", "ctypes", "_ctypes"):
        return {name.split(".")[0].lstrip("_")}
    if value is np.frompyfunc:
        return {"frompyfunc"}
    if type(value) is np.ufunc and all(set(kind) <= set("O->") for kind in value.types):
        return {"frompyfunc"}
    return set()


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _has_object_dtype(code: types.CodeType) -> bool:
    """Whether the source of ``code`` passes such a dtype, where it stands in a cell."""
    lines = tuple(linecache.getlines(code.co_filename)) if is_cell(code.co_filename) else ()
    return code.co_firstlineno in _object_dtypes(lines)


@functools.lru_cache(maxsize=MOST)
def _object_dtypes(lines: tuple[str, ...]) -> frozenset[int]:
    """The first lines of those functions of a cell that pass such a dtype.

    ``inspect`` would find a function's source as well, but looks for it in every module that is
    loaded, which takes longer than the trace.
    """
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(
        min(part.lineno for part in (node, *getattr(node, "decorator_list", ())))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        and _passes_object(node)
    )


def _passes_object(tree: ast.AST) -> bool:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "issubclass", "type"):
            continue
        if any(_is_object(v) for v in [*node.args, *(k.value for k in node.keywords)]):
            return True
    return False


def _is_object(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in ("O", "object", "|O")
    if isinstance(node, ast.Attribute):
        return node.attr == "object_"
    return isinstance(node, ast.Name) and node.id == "object"
