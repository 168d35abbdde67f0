"""Reading a submission: a hostile file until it has been checked.

Only what grading needs is taken over, by exact type: the kind, source, ``grade_id`` and tags of
each cell, and what a written answer shows. Outputs, other metadata and the kernel's name are left
behind. Whatever cannot be read raises :class:`UnreadableNotebook` with one line that says why.
"""

from __future__ import annotations

import base64
import binascii
import errno
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .assignments import TEXT_STUB, Assignment, all_assignments
from .language import say

__all__ = [
    "Cell",
    "Notebook",
    "UnreadableNotebook",
    "answered",
    "printable",
    "read",
    "read_with_outputs",
    "recognise",
]

MAX_BYTES = 100 << 20
MAX_CELLS = 5_000
MAX_SOURCE = 1 << 20
MAX_NESTING = 60
MAX_PARTS = 3_000_000


class UnreadableNotebook(Exception):
    """The file is not a notebook that can be graded; the text says why, in one line."""


@dataclass(frozen=True)
class Cell:
    """One cell. ``kind`` is ``code``, ``markdown`` or ``raw``; ``grade_id`` is '' without one."""

    kind: str
    source: str
    grade_id: str = ""
    tags: frozenset[str] = frozenset()
    attachments: dict[str, dict[str, str]] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Notebook:
    """The cells of a submission, in order."""

    path: Path
    cells: tuple[Cell, ...]


def read(path: Path | str) -> Notebook:
    """Read the notebook at ``path``. Raises :class:`UnreadableNotebook`."""
    notebook, _ = read_with_outputs(path)
    return notebook


def read_with_outputs(path: Path | str) -> tuple[Notebook, dict[str, Any]]:
    """The notebook at ``path``, and all that its file holds, as JSON gives it and unchecked: for
    people who look at their own. The file is read once. Raises :class:`UnreadableNotebook`."""
    path = Path(path)
    data = _parse(_content(path))
    return Notebook(path, tuple(_cells(data))), data


def _content(path: Path) -> bytes:
    """The bytes of a regular file, not followed through a link and never more than are allowed.

    A link in a repository or an archive of a student's could lead to anything that the grader may
    read, another's submission for one. A pipe would let it wait for ever.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            # Python would raise, and leave the descriptor open.
            os.close(descriptor)
            raise UnreadableNotebook(say("it is a folder, not a notebook"))
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableNotebook(say("it is no ordinary file"))
            if status.st_size > MAX_BYTES:
                raise UnreadableNotebook(
                    say(
                        "it has {size} MB, and at most {most} MB are read; "
                        "clear its outputs and hand it in again",
                        size=status.st_size >> 20,
                        most=MAX_BYTES >> 20,
                    )
                )
            # It may grow while it is read: what is more than it said is left.
            return file.read(status.st_size)
    except FileNotFoundError:
        raise UnreadableNotebook(say("there is no such file")) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnreadableNotebook(
                say("it is a link to another file; hand in the notebook itself")
            ) from None
        if error.errno in (errno.EISDIR, errno.EACCES) and path.is_dir():
            raise UnreadableNotebook(say("it is a folder, not a notebook")) from None
        text = say("it cannot be read: {problem}", problem=error.strerror)
        raise UnreadableNotebook(text) from None
    except ValueError:  # a NUL in its name
        raise UnreadableNotebook(say("there is no such file")) from None


def _parse(data: bytes) -> dict[str, Any]:
    if not data.strip():
        raise UnreadableNotebook(say("it is empty"))
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_PARTS:
        # Every one may become an object, and a small file fill the memory.
        raise UnreadableNotebook(
            say("it has too many parts; clear its outputs and hand it in again")
        )
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableNotebook(say("it is not text in UTF-8")) from None
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=lambda name: None)
    except RecursionError:
        raise UnreadableNotebook(say("its JSON is nested too deeply")) from None
    except json.JSONDecodeError as error:
        raise UnreadableNotebook(
            say(
                "it is not valid JSON (line {line}: {problem}); it may have been cut off",
                line=error.lineno,
                problem=error.msg,
            )
        ) from None
    except ValueError as error:
        text = say("it is not valid JSON ({problem})", problem=error)
        raise UnreadableNotebook(text) from None
    if type(value) is not dict:
        raise UnreadableNotebook(say("it is JSON, but not a notebook"))
    _check_nesting(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        double = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {double[:40]!r} occurs twice in one object")
    return result


def _check_nesting(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_NESTING):
        below: list[Any] = []
        for item in level:
            if type(item) is dict:
                below += [v for v in item.values() if type(v) in (dict, list)]
            elif type(item) is list:
                below += [v for v in item if type(v) in (dict, list)]
        if not below:
            return
        level = below
    raise UnreadableNotebook(say("its JSON is nested too deeply"))


def _cells(data: dict[str, Any]) -> Iterable[Cell]:
    major = data.get("nbformat")
    if type(major) is not int or type(data.get("nbformat_minor", 0)) is not int:
        raise UnreadableNotebook(say("it is JSON, but not a notebook (it names no nbformat)"))
    if major != 4:
        raise UnreadableNotebook(
            say(
                "it has the notebook format {format}, and format 4 is needed; "
                "open it in JupyterLab and save it again",
                format=str(major)[:10],
            )
        )
    cells = data.get("cells")
    if type(cells) is not list:
        raise UnreadableNotebook(say("it has no list of cells"))
    if len(cells) > MAX_CELLS:
        raise UnreadableNotebook(
            say(
                "it has {count} cells, and at most {most} are read",
                count=len(cells),
                most=MAX_CELLS,
            )
        )
    for number, cell in enumerate(cells, 1):
        yield _cell(cell, number)


def _cell(cell: Any, number: int) -> Cell:
    if type(cell) is not dict or cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise UnreadableNotebook(say("cell {number} has no known type", number=number))
    source = cell.get("source", "")
    if type(source) is list and all(type(line) is str for line in source):
        source = "".join(source)
    if type(source) is not str:
        raise UnreadableNotebook(say("the text of cell {number} is not text", number=number))
    if len(source) > MAX_SOURCE:
        raise UnreadableNotebook(
            say("cell {number} has {count} characters", number=number, count=len(source))
        )
    # A lone surrogate is legal in JSON and in no file or database.
    source = source.encode("utf-8", "replace").decode("utf-8")
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    metadata = cell.get("metadata")
    metadata = metadata if type(metadata) is dict else {}
    nbgrader = metadata.get("nbgrader")
    grade_id = nbgrader.get("grade_id") if type(nbgrader) is dict else None
    tags = metadata.get("tags")
    return Cell(
        kind=cell["cell_type"],
        source=source,
        grade_id=grade_id if type(grade_id) is str and len(grade_id) <= 200 else "",
        tags=frozenset(t for t in tags if type(t) is str) if type(tags) is list else frozenset(),
        attachments=_attachments(cell.get("attachments")),
    )


def _attachments(value: Any) -> dict[str, dict[str, str]]:
    """Pictures pasted into a written answer: PNG, JPEG and GIF, as valid base64."""
    kept: dict[str, dict[str, str]] = {}
    if type(value) is not dict:
        return kept
    for name, bundle in list(value.items())[:20]:
        if type(bundle) is not dict or not re.fullmatch(r"[\w .()-]{1,100}", name):
            continue
        for kind, data in bundle.items():
            if kind in ("image/png", "image/jpeg", "image/gif") and type(data) is str:
                try:
                    base64.b64decode(data, validate=True)
                except (binascii.Error, ValueError):
                    continue
                kept[name] = {kind: data}
    return kept


def recognise(notebook: Notebook) -> Assignment:
    """The assignment that ``notebook`` belongs to, by its tasks, whatever the file's name is.

    A task counts when a cell carries its ``grade_id`` or defines its function; so a notebook whose
    metadata an editor threw away is recognised too. Raises :class:`UnreadableNotebook`.
    """
    ids = {cell.grade_id for cell in notebook.cells if cell.grade_id}
    code = "\n".join(cell.source for cell in notebook.cells if cell.kind == "code")
    defined = set(re.findall(r"^[ \t]*def[ \t]+(\w+)", code, re.MULTILINE))
    best, count = None, 0
    for assignment in all_assignments():
        names = {task.task for task in assignment.tasks}
        found = len(names & (ids | defined))
        if found > count:
            best, count = assignment, found
    if best is None:
        known = ", ".join(a.name for a in all_assignments())
        raise UnreadableNotebook(
            say("it holds no task of any assignment here ({known})", known=known)
        )
    return best


def answered(notebook: Notebook, task: str) -> bool | None:
    """Whether the written answer ``task`` is filled in; None where its cell is not there.

    The cell begins with the question, and ends with a line that the answer replaces. An answer
    below that line counts as well.
    """
    for cell in notebook.cells:
        if cell.grade_id == task:
            _, stub, below = cell.source.partition(TEXT_STUB)
            return bool(below.strip()) if stub else bool(cell.source.strip())
    return None


def printable(text: str) -> str:
    """``text`` without control and direction characters, for names that come from outside."""
    return "".join(
        c if unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for c in text
    )
