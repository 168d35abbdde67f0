"""The command ``autograder submit-check``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console

from ..command_line import FAILED, OUR_FAULT, PASSED, UNUSABLE, add_isolation, exits
from ..worker.host import open_sandbox
from ..worker.sandbox import SandboxError
from .examination import examine
from .flaws import Readiness
from .words import readiness_text

__all__ = ["add_command"]

_DESCRIPTION = """\
Run your notebook in a clean worker from top to bottom, as grading will, and say what would break
there: names that only your kernel knows, files and packages that are not there, cells that were
deleted or are too slow. Then the public checks, and in the last line whether it is ready."""


def add_command(commands: Any) -> None:
    """Add ``submit-check`` to the subcommands of ``autograder``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "submit-check",
        help="say whether your own notebook is ready to be handed in",
        description=_DESCRIPTION,
        epilog=exits("ready to hand in", "not ready: something is to be mended"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("notebook", type=Path, help="the notebook that you will hand in")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    add_isolation(parser, "process")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    found = examine(options.notebook, None)
    if not found.problem:
        try:
            with open_sandbox(options.isolation) as box:
                found = examine(options.notebook, box)
        except SandboxError as error:
            Console(stderr=True).print(f"autograder: {error}", markup=False, soft_wrap=True)
    if options.json:
        print(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        Console().print(readiness_text(found), highlight=False, soft_wrap=True)
    return _code(found)


def _code(found: Readiness) -> int:
    if found.problem:
        return UNUSABLE
    if found.to_mend:
        return FAILED
    return PASSED if found.ready else OUR_FAULT
