"""The files of a new course and of a new assignment."""

from __future__ import annotations

import contextlib
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .. import rooms
from ..assignments import whole_assignments
from ..files import CannotWrite

__all__ = ["Made", "assignment_files", "course_files", "require_name", "written"]

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


@dataclass
class Made:
    """Files and folders that were made, in their order."""

    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)

    def remove(self) -> None:
        """Take them away again, but for folders that hold something else by now."""
        for path in self.files:
            path.unlink(missing_ok=True)
        for folder in reversed(self.folders):
            with contextlib.suppress(OSError):
                folder.rmdir()


def written(root: Path, files: Mapping[str, bytes]) -> Made:
    """Write ``files`` below ``root``: all of them, or none.

    Raises ``ValueError`` where one of them is there, and :class:`~autograder.files.CannotWrite`.
    """
    there = [name for name in files if (root / name).exists()]
    if there:
        raise ValueError(f"{root / there[0]} is there already; nothing was written")
    made = Made()
    try:
        for name, data in files.items():
            path = root / name
            for folder in reversed([f for f in path.parents if not f.exists()]):
                folder.mkdir()
                made.folders.append(folder)
            with path.open("xb") as file:
                made.files.append(path)
                file.write(data)
    except OSError as error:
        made.remove()
        raise CannotWrite(
            f"{root} could not be written ({error.strerror or error}); nothing of it is left"
        ) from None
    return made
