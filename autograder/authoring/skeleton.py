"""The files of a new course and of a new assignment."""

from __future__ import annotations

import contextlib
import keyword
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from .. import rooms
from ..assignments import whole_assignments
from ..files import CannotWrite

__all__ = ["ASSIGNMENT", "assignment_files", "course_files", "removed", "require_name", "written"]

COURSE = Path(__file__).with_name("course")
ASSIGNMENT = Path(__file__).with_name("skeleton")

_NAME = "myassignment"
"""The name of the assignment in ``skeleton/``, which is put in place of it everywhere."""


def require_name(name: str) -> None:
    """Raises ``ValueError`` unless ``name`` can be that of a new assignment."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise ValueError(
            f"{name!r} cannot be an assignment's name: it becomes part of the names of functions, "
            "so it must be of small letters, digits and _, and begin with a letter"
        )
    if name in {assignment.name for assignment in whole_assignments()}:
        raise ValueError(f"there is an assignment {name} already")
    if rooms.first("reference", f"{name}.py") or rooms.first("suites", f"{name}.py"):
        raise ValueError(f"the kit has a module {name} already; choose another name")


def course_files(name: str) -> dict[str, bytes]:
    """The files of a new course ``name``, by their path in it."""
    return {
        path.replace("gitignore", ".gitignore"): text.replace("mycourse", name).encode()
        for path, text in _texts(COURSE)
    }


def assignment_files(name: str, home: str) -> dict[str, bytes]:
    """The files of a new assignment ``name``, by their path below the root.

    ``home`` is the folder of the rooms: ``grading`` in a course, ``autograder`` in the kit.
    """
    title = name.replace("_", " ").capitalize()
    found = {}
    for path, text in _texts(ASSIGNMENT):
        place = re.sub(rf"^{rooms.FOLDER}/", f"{home}/", path.replace(_NAME, name))
        text = text.replace(_NAME.capitalize(), title).replace(_NAME, name)
        found[place] = text.encode()
    return found


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")


def written(root: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write ``files`` below ``root``: all of them, or none.

    Raises ``ValueError`` where one of them is there, and :class:`~autograder.files.CannotWrite`.
    """
    there = [name for name in files if (root / name).exists()]
    if there:
        raise ValueError(f"{root / there[0]} is there already; nothing was written")
    before = next(path for path in (root, *root.parents) if path.exists())
    done: list[Path] = []
    try:
        for name, data in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                done.append(path)
                file.write(data)
    except OSError as error:
        removed(done, before)
        raise CannotWrite(
            f"{root} could not be written ({error.strerror or error}); nothing of it is left"
        ) from None
    return done


def removed(files: Collection[Path], top: Path) -> None:
    """Take ``files`` away again, with the folders below ``top`` that are empty then."""
    for path in files:
        path.unlink(missing_ok=True)
    for folder in sorted({folder for path in files for folder in path.parents}, reverse=True):
        if folder != top and folder.is_relative_to(top) and folder.is_dir():
            with contextlib.suppress(OSError):  # it is not empty
                folder.rmdir()
