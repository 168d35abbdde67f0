"""Stored inputs and outputs: what public checks compare with.

A *case* is one call of an operator: its arguments, what it must give, and what known mistakes do
instead. Public checks read their cases from a file, so that a student's machine needs
neither the reference nor the known mistakes; hidden checks make theirs when they run.

The file is one ``.npz`` archive, read without pickle: all values of one dtype in one flat array
under the dtype's name, and under ``index`` a JSON text that says which part of it is which array.
Equal arrays are stored once.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np

from . import rooms

__all__ = ["Case", "Lesson", "Outcome", "load", "save", "stored"]


@dataclass(frozen=True)
class Lesson:
    """What a known mistake teaches: ``sentence`` says what is wrong, ``hint`` helps to mend it.

    ``between_calls`` is set where something is kept from call to call.
    """

    sentence: str
    hint: str
    between_calls: bool = False


@dataclass(frozen=True)
class Outcome:
    """What some known mistakes, ``names``, do with one call, where that is not right.

    They return ``result``; or fail with the built-in exception ``raises``; or write into the
    arguments ``changed``, whatever they return; or return the right values as arrays of the dtype
    ``dtype``. What they return may depend on rounding, so that it differs from machine to machine
    and is not kept: with ``varies="slightly"`` it is the right result but for rounding, as in
    single precision; with ``varies="widely"`` it jumps, as where numbers are cut to whole ones.
    """

    names: tuple[str, ...]
    result: Any = None
    raises: str = ""
    changed: tuple[str, ...] = ()
    dtype: str = ""
    varies: Literal["", "slightly", "widely"] = ""

    @property
    def wrong(self) -> bool:
        """Whether the values are wrong, or there are none."""
        return not self.changed and not self.dtype


def _nothing() -> Sequence[Outcome]:
    return ()


@dataclass(frozen=True)
class Case:
    """One call of an operator.

    ``arguments`` maps parameter names, in the order of the signature, to values: arrays, numbers,
    tuples, lists, and dictionaries with string keys. ``expected`` is the result as the operator's
    reference returns it (an array, a number, a tuple of them), or ``None`` where ``raises`` names
    the built-in exception that must come instead. ``outcomes`` gives what known mistakes do with
    the same arguments; one that is not named there does the right thing. ``out`` is given for a
    backward pass whose cache is the student's own: what the forward pass before it must return for
    the same inputs. ``search`` is given where outcomes are computed on the spot: it leaves out the
    mistakes that it is given, and is so much quicker.
    """

    operator: str
    label: str
    arguments: Mapping[str, Any]
    expected: Any = None
    raises: str | None = None
    out: Any = None
    outcomes: Callable[[], Sequence[Outcome]] = field(default=_nothing, compare=False)
    search: Callable[[Collection[str]], Sequence[Outcome]] | None = field(
        default=None, compare=False
    )


class _Packer:
    def __init__(self) -> None:
        self._parts: dict[str, list[np.ndarray[Any, Any]]] = {}
        self._sizes: dict[str, int] = {}
        self._places: dict[tuple[Any, ...], Any] = {}

    def pack(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            name, start = value.dtype.name, self._sizes.get(value.dtype.name, 0)
            key = (name, value.shape, value.tobytes())
            if key not in self._places:
                self._parts.setdefault(name, []).append(value.reshape(-1))
                self._sizes[name] = start + value.size
                self._places[key] = {"array": [name, start, list(value.shape)]}
            return self._places[key]
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
    numbers = {name: number for number, name in enumerate(lessons)}

    def packed(outcome: Outcome) -> dict[str, Any]:
        entry: dict[str, Any] = {"names": [numbers[name] for name in outcome.names]}
        if outcome.result is not None:
            entry["result"] = packer.pack(outcome.result)
        for key in ("raises", "dtype", "varies", "changed"):
            if getattr(outcome, key):
                entry[key] = getattr(outcome, key)
        return entry

    index = {
        "cases": [
            {
                "operator": case.operator,
                "label": case.label,
                "arguments": packer.pack(case.arguments),
                "expected": packer.pack(case.expected),
                "raises": case.raises,
                "out": packer.pack(case.out),
                "outcomes": [packed(outcome) for outcome in case.outcomes()],
            }
            for case in cases
        ],
        "lessons": {name: asdict(lesson) for name, lesson in lessons.items()},
    }
    text = np.frombuffer(json.dumps(index).encode(), np.uint8)
    np.savez_compressed(path, allow_pickle=False, index=text, **packer.arrays())


def load(path: Path | IO[bytes]) -> tuple[list[Case], dict[str, Lesson]]:
    """Read what :func:`save` wrote. Arrays come back with the dtype and shape they had."""
    with np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    index = json.loads(arrays.pop("index").tobytes())
    lessons = {name: Lesson(**lesson) for name, lesson in index["lessons"].items()}
    names = list(lessons)

    def outcome(entry: Mapping[str, Any]) -> Outcome:
        return Outcome(
            tuple(names[number] for number in entry["names"]),
            _unpack(entry.get("result"), arrays),
            entry.get("raises", ""),
            tuple(entry.get("changed", ())),
            entry.get("dtype", ""),
            entry.get("varies", ""),
        )

    def case(entry: Mapping[str, Any]) -> Case:
        return Case(
            operator=entry["operator"],
            label=entry["label"],
            arguments=_unpack(entry["arguments"], arrays),
            expected=_unpack(entry["expected"], arrays),
            raises=entry["raises"],
            out=_unpack(entry["out"], arrays),
            outcomes=functools.cache(lambda: tuple(map(outcome, entry["outcomes"]))),
        )

    return [case(entry) for entry in index["cases"]], lessons


@rooms.kept
def stored(assignment: str) -> tuple[list[Case], dict[str, Lesson]]:
    """The stored vectors of ``assignment``: its public cases, and what its mistakes teach.

    Raises ``FileNotFoundError`` where they have not been made.
    """
    path = rooms.first("suites/public/vectors", f"{assignment}.npz")
    if path is None:
        raise FileNotFoundError(f"{assignment} has no stored vectors; run: autograder update")
    return load(path)
