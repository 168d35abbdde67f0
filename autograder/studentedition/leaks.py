"""Looks through everything that students would get for what they must not see.

Every file is read as what it is: wheels and zips, and what is in them; notebooks and JSON, text by
text; Python by its lines and by its syntax tree; arrays by the texts and the numbers that they
hold. What cannot be read is a finding, too.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import io
import json
import math
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from .. import vectors
from . import normal
from .contents import WITHHELD
from .withheld import Secret, Secrets, numbers_in

__all__ = ["Leak", "Search"]

PICTURES = (".png", ".jpg", ".jpeg", ".gif")

_VECTORS = re.compile(r"autograder/suites/public/vectors/(\w+)\.npz$")
_BLOCK = re.compile(r"^```.*\n((?:.*\n)*?)```", re.MULTILINE)
_INDEX = {"cases", "lessons"}
_CASE = {"operator", "label", "arguments", "expected", "raises", "out", "outcomes"}


@dataclass(frozen=True)
class Leak:
    """A secret, or something that nobody can account for, and the file in which it was found; ``!``
    leads into an archive."""

    file: str
    secret: Secret

    def __str__(self) -> str:
        where = f" of {self.secret.where}" if self.secret.where else ""
        return f"{self.file}: {self.secret.kind}{where}: {self.secret.text[:200]}"


class Search:
    """Looks for ``secrets``. ``known`` are SHA-256 of files that are what somebody published, so
    that nobody need look into them: pictures, and data in the shape of archives. Of the rooms
    ``withheld`` there may be no file."""

    def __init__(
        self, secrets: Secrets, known: Collection[str] = (), withheld: Sequence[str] = WITHHELD
    ) -> None:
        self._withheld = tuple(withheld)
        self._secrets = secrets
        self._lines = secrets.table
        # What mistakes give on public inputs may be a number of a model answer, too.
        self._hidden = {n: s for n, s in secrets.numbers.items() if s.kind == "hidden check"}
        self._known = frozenset(known)
        self._seen: set[tuple[str, str]] = set()
        self.files = 0
        """How many files were read, those inside of others too."""

    def leaks(self, files: Mapping[str, bytes]) -> list[Leak]:
        """What leaks in ``files``, by their paths; every secret once a file."""
        found = (leak for name, data in sorted(files.items()) for leak in self._file(name, data))
        return list(dict.fromkeys(found))

    def _file(self, name: str, data: bytes) -> Iterator[Leak]:
        self.files += 1
        inner = PurePosixPath(name.rpartition("!")[2])
        parts = (
            inner.parts[inner.parts.index("autograder") + 1 :]
            if "autograder" in inner.parts
            else ()
        )
        for room in self._withheld:
            if parts and (PurePosixPath(*parts).is_relative_to(room) or parts[0] == f"{room}.py"):
                yield Leak(name, Secret("withheld", "", f"no file of {room} may be there"))
        digest = hashlib.sha256(data).hexdigest()
        # What is in the folder and in its zip is read once.
        if digest in self._known or (digest, inner.name) in self._seen:
            return
        self._seen.add((digest, inner.name))
        try:
            for secret in self._contents(name, inner.suffix, data):
                yield secret if isinstance(secret, Leak) else Leak(name, secret)
        except (ValueError, zipfile.BadZipFile, KeyError, TypeError, EOFError) as error:
            text = f"it cannot be searched ({type(error).__name__}: {error})"
            yield Leak(name, Secret("unknown contents", "", text))

    def _contents(self, name: str, ending: str, data: bytes) -> Iterator[Secret | Leak]:
        if ending in (".whl", ".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from self._text(archive.comment.decode())
                for member in archive.infolist():
                    if not member.is_dir():
                        yield from self._file(f"{name}!{member.filename}", archive.read(member))
        elif ending == ".npz":
            yield from self._arrays(data)
            match = _VECTORS.search(name)
            if match is not None:
                yield from _unaccounted(match[1], data)
        elif ending == ".py":
            yield from self._python(data.decode())
        elif ending == ".ipynb":
            notebook = json.loads(data)
            for cell in notebook["cells"]:
                source = cell["source"]
                text = source if isinstance(source, str) else "".join(source)
                yield from self._python(text) if cell["cell_type"] == "code" else self._text(text)
            yield from self._json(notebook)
        elif ending == ".json":
            yield from self._json(json.loads(data))
        elif ending in PICTURES:
            yield from self._text(data.decode("latin-1"))  # what is written beside the pixels
        else:
            yield from self._text(data.decode())

    def _python(self, source: str) -> Iterator[Secret]:
        yield from self._text(source)
        yield from self._text(normal.uncommented(source))
        tree = normal.parsed(source)
        if tree is None:
            return
        yield from self._fragments(tree)
        for node in ast.walk(tree):
            # A text may be code, to be run or to be shown.
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and "\n" in node.value
            ):
                yield from self._fragments(normal.parsed(node.value))

    def _fragments(self, tree: ast.Module | None) -> Iterator[Secret]:
        for fragment in normal.fragments(tree) if tree is not None else ():
            if fragment.form in self._secrets.fragments:
                yield self._secrets.fragments[fragment.form]

    def _json(self, value: Any) -> Iterator[Secret]:
        """Every text in ``value``, and lists of texts as one text each."""
        if isinstance(value, str):
            yield from self._text(value)
        elif isinstance(value, list):
            if value and all(isinstance(item, str) for item in value):
                yield from self._text("".join(value))
            for item in value:
                yield from self._json(item)
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from self._json(key)
                yield from self._json(item)
        elif isinstance(value, float | int) and value in self._hidden:
            yield self._hidden[value]

    def _text(self, text: str) -> Iterator[Secret]:
        short = normal.squeezed(text)
        for line in normal.occurring(self._lines, short):
            yield self._secrets.lines[line]
        for block in _BLOCK.findall(text):
            yield from self._fragments(normal.parsed(block))
        words = self._secrets.words
        names = (name for name in re.findall(r"\w+", text) if "_" in name)
        for word in (short, *short.split('"'), *names):
            if word in words:
                yield words[word]
        for number in numbers_in(text):
            if number in self._secrets.numbers:
                yield self._secrets.numbers[number]

    def _arrays(self, data: bytes) -> Iterator[Secret]:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        for name, array in arrays.items():
            yield from self._text(name)
            if array.dtype.kind in "US":
                yield from self._json(array.astype(str).reshape(-1).tolist())
            elif array.dtype == np.uint8:
                text = array.tobytes().decode()
                yield from self._json(json.loads(text)) if text[:1] in "{[" else self._text(text)
            elif array.dtype.kind in "fiu":
                for number in np.unique(array[np.isin(array, list(self._hidden))]):
                    yield self._hidden[float(number)]
            elif array.dtype.kind != "b":
                raise ValueError(f"an array of {array.dtype}")


def _unaccounted(assignment: str, data: bytes) -> Iterator[Secret]:
    """What the stored vectors ``data`` hold besides the public inputs, and what the reference and
    the known mistakes give for these.

    The results are a function of the inputs (``python -m autograder.mistakes.store --check``
    computes them again), so it is enough that the inputs are the public ones and that every number
    belongs to a case.
    """
    kind, where = "unaccounted", "the stored vectors"
    cases, lessons = vectors.load(io.BytesIO(data))
    inputs = importlib.import_module(f"autograder.mistakes.cases.{assignment}")
    catalogue = importlib.import_module("autograder.mistakes.catalogue")
    public = list(inputs.entries())
    if len(public) != len(cases):
        yield Secret(kind, where, f"{len(cases)} cases, where there are {len(public)} public ones")
    for case, (operator, label, arguments) in zip(cases, public, strict=False):
        if (case.operator, case.label) != (operator, label) or not _equal(
            case.arguments, dict(arguments)
        ):
            yield Secret(kind, where, f"{case.operator}, {case.label} is no public case")
    if {name: asdict(x) for name, x in lessons.items()} != {
        name: asdict(x) for name, x in catalogue.lessons(assignment).items()
    }:
        yield Secret(kind, where, "texts that are not those of the known mistakes")
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    index = json.loads(arrays.pop("index").tobytes())
    used = {name: np.zeros(array.size, bool) for name, array in arrays.items()}
    for name, start, shape in _places(index):
        used[name][start : start + math.prod(shape)] = True
    spare = [name for name, places in used.items() if not places.all()]
    if spare or set(index) != _INDEX or any(set(case) != _CASE for case in index["cases"]):
        yield Secret(kind, where, f"values that belong to no case: {', '.join(spare) or 'index'}")


def _places(value: Any) -> Iterator[tuple[str, int, list[int]]]:
    if isinstance(value, dict):
        if "array" in value and isinstance(value["array"], list):
            yield tuple(value["array"])
        else:
            for item in value.values():
                yield from _places(item)
    elif isinstance(value, list):
        for item in value:
            yield from _places(item)


def _equal(one: Any, other: Any) -> bool:
    """Whether two arguments are the same; what is stored makes no difference between a list and a
    tuple in a list, but keeps every number."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return (
            isinstance(one, np.ndarray)
            and isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        )
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_equal(one[k], other[k]) for k in one)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other) or (one != one and other != other)
