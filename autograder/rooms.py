"""Where suites, references, known mistakes and right answers lie: in this package, and in a course.

A *course* is a folder with a ``course.toml``. Its ``grading`` folder has rooms of the same names as
this package (``suites/public``, ``reference``, ``mistakes``), for assignments of its own; modules
there are found as ``autograder.suites.<assignment>``, like those of the kit.

What lies in a course runs in the grader's own process, so nothing is taken for one that a student
could have put there: the course is the folder that ``AUTOGRADER_COURSE`` names, else the current
one, as with ``nbgrader_config.py``; where that file calls ours, its folder is. A notebook's kernel
works in the notebook's folder and runs its code anyway; there, folders above count too.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

__all__ = [
    "FILE",
    "FOLDER",
    "PACKAGE",
    "course",
    "enter",
    "extended",
    "files",
    "first",
    "kept",
    "places",
    "roots",
    "suite",
]

PACKAGE = Path(__file__).parent

FILE = "course.toml"
"""The file that makes a folder a course."""

FOLDER = "grading"
"""The folder of a course with rooms like those of the package."""

ROOMS = (
    "mistakes",
    "mistakes/cases",
    "reference",
    "suites",
    "suites/hidden",
    "suites/public",
)
"""The rooms with modules; others hold files."""


_kept: list[Any] = []

R = TypeVar("R")


def kept(function: Callable[..., R]) -> functools._lru_cache_wrapper[R]:
    """A decorator: compute ``function`` once, for each of its arguments, until another course is
    entered."""
    cached = functools.cache(function)
    _kept.append(cached)
    return cached


@kept
def course() -> Path | None:
    """The course's folder, absolute; None without one. Found once for each process.

    Raises ``ValueError`` where ``AUTOGRADER_COURSE`` names a folder that is none.
    """
    named = os.environ.get("AUTOGRADER_COURSE", "").strip()
    if named:
        folder = Path(named).absolute()
        if not (folder / FILE).is_file():
            raise ValueError(f"AUTOGRADER_COURSE names {named}, and there is no {FILE} in it")
        return folder
    here = Path.cwd()
    for folder in (here, *here.parents) if "ipykernel" in sys.modules else (here,):
        if (folder / FILE).is_file():
            return folder
    return None


def roots() -> tuple[Path, ...]:
    """The folders that hold rooms: the package, then the course's."""
    folder = course()
    return (PACKAGE,) if folder is None else (PACKAGE, folder / FOLDER)


def places(room: str) -> tuple[Path, ...]:
    """The folders of a room (``"suites/public"``) that exist: the package's, then the course's."""
    return tuple(root / room for root in roots() if (root / room).is_dir())


def files(room: str, pattern: str) -> list[Path]:
    """What ``pattern`` fits in a room: the package's by name, then the course's."""
    return [path for place in places(room) for path in sorted(place.glob(pattern))]


def first(room: str, name: str) -> Path | None:
    """The file or folder ``name`` of a room; None where there is none."""
    return next((p for place in places(room) if (p := place / name).exists()), None)


def suite(room: str, assignment: str) -> Path | None:
    """The file with the checks of ``assignment`` in the room ``public`` or ``hidden``."""
    return first(f"suites/{room}", f"test_{assignment}.py")


def enter(folder: Path | None) -> None:
    """Make ``folder`` the course of this process and of those that it starts, whatever the current
    one is; None for what is found there. Raises ``ValueError`` where it is none."""
    if folder is None:
        os.environ.pop("AUTOGRADER_COURSE", None)
    else:
        os.environ["AUTOGRADER_COURSE"] = str(folder.absolute())
    for cached in _kept:
        cached.cache_clear()
    course()
    for room in ROOMS:
        module = sys.modules.get(f"{__package__}.{room.replace('/', '.')}")
        if module is not None:
            module.__path__ = extended([str(PACKAGE / room)], room)


def extended(path: Iterable[str], room: str) -> list[str]:
    """The ``__path__`` of the package that is ``room`` here, with the course's room at its end."""
    known = list(path)
    return known + [str(place) for place in places(room) if str(place) not in known]
