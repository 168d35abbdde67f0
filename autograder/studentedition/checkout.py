"""Searches a folder that was made out of a checkout for what students must not see.

    python -m autograder.studentedition.checkout FOLDER

The repository with which students' CI works is a checkout without some folders
(``tools/ci/student-edition``). It holds more than a student edition, as its program can export
reports, and must leak no more. Exits with 1 when it does, and prints what it found.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ..command_line import FAILED, PASSED
from .command import ROOT
from .contents import WITHHELD
from .edition import sources
from .leaks import Search
from .withheld import gathered

__all__ = ["main"]

MAY_BE_THERE = ("batch", "choosing", "nbgrader_plugin", "release")
"""Of :data:`~autograder.studentedition.contents.WITHHELD`: what holds no secret, and is of use."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Search the folder that ``arguments`` name; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args(arguments).folder
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
    secrets = gathered(ROOT, sources(ROOT))
    published = json.loads((ROOT / "datasets" / "checksums.json").read_text()).values()
    search = Search(secrets, frozenset(published), [r for r in WITHHELD if r not in MAY_BE_THERE])
    found = search.leaks(files)
    for leak in found:
        print(leak, file=sys.stderr)
    if found or not files:
        print(f"{len(found)} finding(s) in {len(files)} files of {folder}", file=sys.stderr)
        return FAILED
    print(f"none of {len(secrets):,} secrets is in any of {search.files} files")
    return PASSED


if __name__ == "__main__":
    sys.exit(main())
