"""What the commands share: exit codes, and the option that says which sandbox is good enough."""

from __future__ import annotations

import argparse

from .worker.sandbox import LEVELS, Level

__all__ = ["FAILED", "INTERRUPTED", "OUR_FAULT", "PASSED", "UNUSABLE", "add_isolation", "exits"]

PASSED, FAILED, UNUSABLE, OUR_FAULT, INTERRUPTED = 0, 1, 2, 3, 130


def exits(good: str, bad: str) -> str:
    """The end of a command's ``--help``; ``good`` and ``bad`` are what 0 and 1 mean."""
    return f"""exit codes:
  0  {good}
  1  {bad}
  2  an input could not be read, or the command was used wrongly
  3  the grader or the machine failed; nothing was graded by that
  130  interrupted; finished reports are kept"""


def add_isolation(parser: argparse.ArgumentParser, weakest: Level) -> None:
    """Add ``--isolation``, with ``weakest`` by default."""
    parser.add_argument(
        "--isolation",
        choices=LEVELS,
        default=weakest,
        help="the weakest sandbox to accept (default: %(default)s)",
    )
