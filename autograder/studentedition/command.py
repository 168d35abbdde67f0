"""The command ``autograder release``: write the student edition, and prove what it promises."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from rich.console import Console

from .. import rooms
from ..command_line import FAILED, PASSED, exits
from ..files import write_whole
from ..release import ReleaseError
from .edition import Edition, edition, sources
from .folder import Occupied, added, check, put, zipped
from .leaks import Leak, Search
from .trial import attempt
from .withheld import Secrets, gathered

__all__ = ["add_command", "leaks_of"]

ROOT = Path(__file__).resolve().parents[2]
"""The checkout of the kit that this package is a part of."""

MOST_LEAKS = 20
"""How many findings are printed."""

_DESCRIPTION = """\
Write what students get: notebooks, data, environment.yml, requirements.txt, a README, and a wheel
of the package without solutions, reference, known mistakes and hidden checks.

Before anything is written, every file is searched for code, texts and numbers of what is left out,
the wheel is installed into a new environment, and a task is checked there without network. If one
of these fails, nothing is written."""


def add_command(commands: Any) -> None:
    """Add ``release`` to the subcommands of ``autograder``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "release",
        help="write the student edition, and prove that nothing leaks",
        description=_DESCRIPTION,
        epilog=exits("written", "something leaks, or does not work: nothing was written"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "assignments", nargs="*", metavar="ASSIGNMENT", help="which ones (default: all)"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the folder to write"
    )
    parser.add_argument("--zip", action="store_true", help="write DIR.zip beside it, too")
    parser.add_argument(
        "--force",
        action="store_true",
        help="write into a folder that is not empty: files of an earlier release are replaced, "
        "others are kept, and searched too",
    )
    trial = parser.add_mutually_exclusive_group()
    trial.add_argument(
        "--try",
        dest="dependencies",
        choices=("empty", "borrowed"),
        default="empty",
        help="the environment of the trial: an empty one, for which pip fetches what "
        "requirements.txt lists (takes minutes), or one that borrows the packages of this Python "
        "and needs no network (default: %(default)s)",
    )
    trial.add_argument(
        "--no-try", dest="dependencies", action="store_const", const="", help="leave the trial out"
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    console = Console(stderr=True)

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    out = Path(os.path.abspath(options.out))
    check(out, replace=options.force)
    archive_path = out.with_name(f"{out.name}.zip")
    if options.zip and archive_path.exists() and not options.force:
        raise Occupied(f"{archive_path} is there; with --force it is replaced")
    try:
        course = rooms.course()
        notebooks = sources(course or ROOT)
        names = list(dict.fromkeys(options.assignments)) or list(notebooks)
        made = edition(ROOT, notebooks, names, say, course)
        # What the course added goes on being there, and may not leak either.
        kept = {name: data for name, data in added(out).items() if name not in made.files}
        files = {**made.files, **kept}
        archive = {archive_path.name: zipped(out.name, files)} if options.zip else {}
        # What the kit's own notebooks say is public in a course, too, and what they solve is not.
        kits = sources(ROOT) if course is not None else {}
        secrets = gathered(ROOT, {**{f"kit/{name}": kits[name] for name in kits}, **notebooks})
        found, read = leaks_of(secrets, made, {**files, **archive})
        if found:
            _tell(found, console)
            return FAILED
        say(f"search: none of {len(secrets):,} secrets is in any of {read} files")
        if options.dependencies:
            attempt(made, notebooks, options.dependencies, say)
        else:
            say("trial: left out")
    except ReleaseError as error:
        console.print(f"autograder: {error}", markup=False, soft_wrap=True)
        return FAILED
    put(out, files, replace=options.force)
    for data in archive.values():
        write_whole(archive_path, data)
    if "layers.py" in made.modules:
        say(
            "note: this edition holds layers for convolution and max pooling that work, for those "
            "who have none of their own. Hand it out when the assignments on them are over."
        )
    for name in kept:
        say(f"kept: {name}")
    print(f"written: {out} ({len(files)} files)" + (f" and {archive_path}" if archive else ""))
    return PASSED


def leaks_of(secrets: Secrets, made: Edition, files: dict[str, bytes]) -> tuple[list[Leak], int]:
    """What leaks in ``files``, most of them of the edition ``made``; and how many were read."""
    search = Search(secrets, made.published)
    return search.leaks(files), search.files


def _tell(found: list[Leak], console: Console) -> None:
    console.print(f"autograder: {len(found)} finding(s), so nothing was written:", markup=False)
    for leak in found[:MOST_LEAKS]:
        console.print(f"  {leak}", markup=False, highlight=False, soft_wrap=True)
    if len(found) > MOST_LEAKS:
        console.print(f"  and {len(found) - MOST_LEAKS} more", markup=False)
    console.print(
        "Take it out of what students get. If it is no secret, it belongs outside of the marks of "
        "the solution, or into the public suite.",
        markup=False,
    )
