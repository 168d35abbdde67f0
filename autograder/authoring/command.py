"""The commands ``autograder new`` and ``autograder update``."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import release, rooms
from ..command_line import FAILED, PASSED
from ..mistakes import catalogue, store
from .skeleton import assignment_files, course_files, require_name, written

__all__ = ["add_command"]

_EXITS = """exit codes:
  0  done
  1  --check: something is out of date; or a source cannot be released
  2  the command was used wrongly
  3  something could not be written"""


def add_command(commands: Any) -> None:
    """Add ``new`` and ``update`` to the subcommands of ``autograder``."""
    new: argparse.ArgumentParser = commands.add_parser(
        "new",
        help="begin a course, or an assignment of your own",
        description="Write a course or an assignment that works, to be changed.",
    )
    kinds = new.add_subparsers(metavar="KIND", required=True)
    course = kinds.add_parser(
        "course",
        help="a folder for nbgrader with course.toml",
        description="Write a new course for nbgrader: its settings, and the sources of those "
        "assignments of the kit that it is to have.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    course.add_argument("folder", type=Path, metavar="DIR", help="the folder, new or empty")
    course.add_argument(
        "--with",
        dest="assignments",
        action="append",
        default=[],
        metavar="ASSIGNMENT",
        help="take this assignment of the kit in; repeatable; 'all' for all of them",
    )
    course.set_defaults(run=_new_course)
    assignment = kinds.add_parser(
        "assignment",
        help="an assignment with notebook, checks, reference, mistakes and variants",
        description="Write a new assignment into the course in the current folder: two tasks, a "
        "written question, public and hidden checks, a reference, four known mistakes, right "
        "answers and a slow one. All of it works, and is there to be changed.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    assignment.add_argument("name", metavar="NAME", help="small letters, digits and _")
    assignment.set_defaults(run=_new_assignment)
    update: argparse.ArgumentParser = commands.add_parser(
        "update",
        help="bring notebooks, lists of tasks and stored vectors up to date with their sources",
        description="Make from solutions/: the notebook from the script or the other way round, by "
        "which of them has changed; what students get, in assignments/; the list of tasks; and "
        "the stored inputs and outputs of the public checks, from cases, reference and mistakes.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    release.add_options(update)
    update.set_defaults(run=_update)


def _new_course(options: argparse.Namespace) -> int:
    folder = Path(os.path.abspath(options.folder))
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip("-._") or "course"
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"{folder} is not empty; name a new folder")
    written(folder, {**course_files(name), **_sources(options.assignments)})
    print(f"written: {folder}")
    print("next:")
    print(f"  cd {options.folder}")
    if not options.assignments:
        print("  autograder new assignment NAME")
    print("  README.md there lists the commands of a term.")
    return PASSED


def _sources(names: Sequence[str]) -> dict[str, bytes]:
    """The source notebooks of the kit's assignments ``names``, with what lies beside them."""
    checkout = rooms.PACKAGE.parent
    known = release.assignments(checkout)
    if names and not known:
        raise ValueError(
            f"{checkout} is no checkout of the kit, so there are no source notebooks; use the "
            "program autograder that the checkout's make puts into its .venv"
        )
    wanted = known if "all" in names else list(dict.fromkeys(names))
    found: dict[str, bytes] = {}
    for name in wanted:
        if name not in known:
            raise ValueError(f"the kit has no assignment {name!r}; it has: {', '.join(known)}")
        for path in sorted((checkout / "solutions" / name).rglob("*")):
            if path.is_file() and ".ipynb_checkpoints" not in path.parts:
                found[path.relative_to(checkout).as_posix()] = path.read_bytes()
    return found


def _root() -> Path:
    """The folder whose sources are worked on: this course, or the kit's checkout. Raises
    ``ValueError`` where the current folder is neither."""
    course = rooms.course()
    if course is not None:
        return course
    checkout = rooms.PACKAGE.parent
    if Path.cwd() == checkout and (checkout / "solutions").is_dir():
        return checkout
    raise ValueError(
        f"there is no {rooms.FILE} here: go to the folder of your course, or begin one with "
        "'autograder new course DIR'"
    )


def _new_assignment(options: argparse.Namespace) -> int:
    root = _root()
    require_name(options.name)
    home = rooms.PACKAGE.name if root == rooms.PACKAGE.parent else rooms.FOLDER
    files = assignment_files(options.name, home)
    made = written(root, files)
    try:
        _update_in(root)
    except BaseException:
        made.remove()
        raise
    print(f"written: the assignment {options.name}. It works as it is. Change, in {root}:")
    for place, what in (
        (
            f"solutions/{options.name}.py",
            "the notebook as a script; or the .ipynb in JupyterLab",
        ),
        (f"{home}/reference/{options.name}.py", "what is right"),
        (f"{home}/suites/{options.name}.py", "how tasks are called"),
        (f"{home}/mistakes/cases/{options.name}.py", "the inputs of public checks"),
        (f"{home}/suites/public/test_{options.name}.py", "public checks"),
        (f"{home}/suites/hidden/test_{options.name}.py", "hidden checks"),
        (f"{home}/mistakes/{options.name}.py", "known mistakes"),
        (f"{home}/variants/{options.name}/", "right answers in other ways, and slow ones"),
    ):
        print(f"  {place:<48} {what}")
    print("then:")
    print("  autograder update")
    print(f"  autograder audit {options.name}")
    return PASSED


def _update_in(root: Path) -> None:
    """Run ``autograder update`` in ``root``, in a process that sees what has just been written.

    Raises ``ValueError`` with what it says, where it fails.
    """
    environment = {**os.environ, "PYTHONPATH": str(rooms.PACKAGE.parent)}
    environment.pop("AUTOGRADER_COURSE", None)
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", "update"],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ValueError(f"'autograder update' failed in {root}:\n{done.stderr or done.stdout}")


def _update(options: argparse.Namespace) -> int:
    root = _root()
    code = release.bring_up_to_date(root, check=options.check, side=options.side)
    if code and not options.check:
        return FAILED
    own = [name for name in catalogue.assignments() if _is_of(root, name)]
    if own:
        code |= store.main([*(["--check"] if options.check else []), *own])
    return FAILED if code else PASSED


def _is_of(root: Path, assignment: str) -> bool:
    """Whether the suites of ``assignment`` lie in ``root``."""
    suite = rooms.suite("public", assignment)
    return suite is not None and suite.is_relative_to(root)
