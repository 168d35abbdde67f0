"""Stored inputs and outputs: what public checks compare with.

A *case* is one call of an operator: its arguments, what it must give, and what each known mistake
gives instead. Public checks read their cases from a file, so that a student's machine needs
neither the reference nor the known mistakes; hidden checks make theirs when they run.

The file is one ``.npz`` archive, read without pickle: all values of one dtype in one flat array
under the dtype's name, and under ``index`` a JSON text that says which part of it is which array.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Case", "Lesson", "load", "save"]


@dataclass(frozen=True)
class Lesson:
    """What a known mistake teaches: ``sentence`` says what is wrong, ``hint`` helps to mend it."""

    sentence: str
    hint: str


def _nothing() -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Case:
    """One call of an operator.

    ``arguments`` maps parameter names, in the order of the signature, to values: arrays, numbers,
    tuples, lists, and dictionaries with string keys. ``expected`` is the result as the operator's
    reference returns it (an array, a number, a tuple of them), or ``None`` where ``raises`` names
    the built-in exception that must come instead. ``mistakes`` gives, by the name of a known
    mistake, what that mistake returns for the same arguments (only where it differs). ``out`` is
    given for a backward pass whose cache is the student's own: what the forward pass before it must
    return for the same inputs.
    """

    operator: str
    label: str
    arguments: Mapping[str, Any]
    expected: Any = None
    raises: str | None = None
    out: Any = None
    mistakes: Callable[[], Mapping[str, Any]] = field(default=_nothing, compare=False)


class _Packer:
    def __init__(self) -> None:
        self._parts: dict[str, list[np.ndarray[Any, Any]]] = {}
        self._sizes: dict[str, int] = {}

    def pack(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            name, start = value.dtype.name, self._sizes.get(value.dtype.name, 0)
            self._parts.setdefault(name, []).append(value.reshape(-1))
            self._sizes[name] = start + value.size
            return {"array": [name, start, list(value.shape)]}
        if isinstance(value, np.generic):
            return self.pack(value.item())
        if isinstance(value, tuple):
            return {"tuple": [self.pack(v) for v in value]}
        if isinstance(value, list):
            return [self.pack(v) for v in value]
        if isinstance(value, Mapping):
            return {"dict": {str(k): self.pack(v) for k, v in value.items()}}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise TypeError(f"cannot store a {type(value).__name__} as a vector")

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        return {name: np.concatenate(parts) for name, parts in self._parts.items()}


def _unpack(value: Any, arrays: Mapping[str, np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, list):
        return [_unpack(v, arrays) for v in value]
    if isinstance(value, dict):
        if "array" in value:
            name, start, shape = value["array"]
            return arrays[name][start : start + math.prod(shape)].reshape(shape)
        if "tuple" in value:
            return tuple(_unpack(v, arrays) for v in value["tuple"])
        return {k: _unpack(v, arrays) for k, v in value["dict"].items()}
    return value


def save(path: Path, cases: Sequence[Case], lessons: Mapping[str, Lesson]) -> None:
    """Write ``cases`` and the ``lessons`` of the mistakes that they name to ``path``."""
    packer = _Packer()
    index = {
        "cases": [
            {
                "operator": case.operator,
                "label": case.label,
                "arguments": packer.pack(case.arguments),
                "expected": packer.pack(case.expected),
                "raises": case.raises,
                "out": packer.pack(case.out),
                "mistakes": packer.pack(case.mistakes()),
            }
            for case in cases
        ],
        "lessons": {
            name: {"sentence": lesson.sentence, "hint": lesson.hint}
            for name, lesson in lessons.items()
        },
    }
    text = np.frombuffer(json.dumps(index).encode(), np.uint8)
    np.savez_compressed(path, allow_pickle=False, index=text, **packer.arrays())


def load(path: Path) -> tuple[list[Case], dict[str, Lesson]]:
    """Read what :func:`save` wrote. Arrays come back with the dtype and shape they had."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    index = json.loads(arrays.pop("index").tobytes())

    def case(entry: Mapping[str, Any]) -> Case:
        return Case(
            operator=entry["operator"],
            label=entry["label"],
            arguments=_unpack(entry["arguments"], arrays),
            expected=_unpack(entry["expected"], arrays),
            raises=entry["raises"],
            out=_unpack(entry["out"], arrays),
            mistakes=lambda: _unpack(entry["mistakes"], arrays),
        )

    lessons = {name: Lesson(**lesson) for name, lesson in index["lessons"].items()}
    return [case(entry) for entry in index["cases"]], lessons
