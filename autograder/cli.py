"""The command ``autograder``: ``check`` and ``submit-check`` for students, ``grade``, ``export``,
``report`` and ``audit`` for instructors, ``doctor`` for everyone.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console

from . import checking
from .command_line import INTERRUPTED, OUR_FAULT, PASSED, UNUSABLE
from .doctor import command as doctor
from .files import CannotWrite
from .grading import has_hidden_checks, kit
from .handing_in import command as handing_in
from .worker.sandbox import SandboxError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    try:
        options = _parser().parse_args(arguments)
        with _ends_in_order():
            code: int = options.run(options)
    except KeyboardInterrupt:
        Console(stderr=True).print("autograder: interrupted; what was finished is kept")
        return INTERRUPTED
    except (CannotWrite, SandboxError) as error:
        Console(stderr=True).print(f"autograder: {error}", markup=False, soft_wrap=True)
        return OUR_FAULT
    except ValueError as error:
        Console(stderr=True).print(f"autograder: {error}", markup=False, soft_wrap=True)
        return UNUSABLE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return PASSED
    return code


@contextmanager
def _ends_in_order() -> Iterator[None]:
    """Let being told to end (SIGTERM, SIGHUP) do what Ctrl-C does: put everything away first."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    told = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, end) for number in told}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder", description="Check and grade notebooks on convolutional networks."
    )
    edition = "instructor" if has_hidden_checks() else "student"
    version = f"autograder {kit()} ({edition} edition)"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    checking.add_command(commands)
    handing_in.add_command(commands)
    doctor.add_command(commands)
    for room, modules in _INSTRUCTORS.items():
        if importlib.util.find_spec(f"{__package__}.{room}") is not None:
            # The student edition has no such room, so nothing here may need it.
            for module in modules:
                importlib.import_module(f"{__package__}.{room}.{module}").add_command(commands)
    return parser


_INSTRUCTORS = {
    "batch": ("command", "exporting", "bundle"),
    "audit": ("command",),
    "authoring": ("command",),
    "classreport": ("command",),
    "studentedition": ("command",),
}
"""The rooms that only instructors have, and their modules that add commands."""


if __name__ == "__main__":
    sys.exit(main())
