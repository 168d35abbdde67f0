"""The command ``autograder doctor``."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from ..command_line import FAILED, PASSED, exits
from .desk import Desk, look_at_desk
from .sandboxes import Examination, examine

__all__ = ["add_command"]

_DESCRIPTION = """\
For students: say whether packages, kernel, data, checks and widgets are as the notebooks need them.
For those who grade: try every sandbox from inside and say what each stops on this machine."""


def add_command(commands: Any) -> None:
    """Add ``doctor`` to the subcommands of ``autograder``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "doctor",
        help="say what works on this machine, and how to get more",
        description=_DESCRIPTION,
        epilog=exits(
            "other people's work can be graded here", "only your own work can be checked here"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    with Console(stderr=True).status("looking at this machine and trying its sandboxes"):
        desk = look_at_desk()
        found = examine()
    if options.json:
        print(json.dumps({**found.as_json(), "desk": desk.as_json()}, indent=2))
    else:
        console = Console()
        _print_desk(console, desk)
        console.print()
        _print_examination(console, found)
    return PASSED if found.good_enough else FAILED


def _print_desk(console: Console, desk: Desk) -> None:
    console.print("To work on the notebooks", style="bold")
    for item in desk.items:
        mark, style = ("✓", "green") if item.good else ("✗", "red")
        line = f"  {mark} {item.name}: {item.found}"
        console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
        if item.advice:
            said = f"      Do: {item.advice}"
            console.print(said, markup=False, highlight=False, soft_wrap=True)
    for remark in desk.remarks:
        console.print(f"  {remark}", markup=False, highlight=False, soft_wrap=True)
    faults = sum(not item.good for item in desk.items)
    if faults:
        verdict = f"Not ready for the notebooks: {faults} to mend."
    else:
        verdict = "Ready for the notebooks."
    console.print(verdict, style="bold")


def _print_examination(console: Console, found: Examination) -> None:
    console.print("To grade", style="bold")
    for name, value in found.facts.items():
        console.print(f"{name}: {value}", markup=False, highlight=False, soft_wrap=True)
    started = [result for result in found.levels if not result.problem]
    if started:
        table = Table("a submission tries to", *(result.level for result in started))
        for act in started[-1].refused:
            table.add_row(act, *("refused" if r.refused[act] else "POSSIBLE" for r in started))
        counts = (f"{sum(r.refused.values())} of {len(r.refused)}" for r in started)
        table.add_section()
        table.add_row("refused in all", *counts)
        told = ("yes" if result.told else "no" for result in started)
        table.add_row("the report says what was tried", *told)
        console.print(table)
    for result in found.levels:
        if result.problem and (sys.platform == "darwin") == (result.level == "seatbelt"):
            console.print(f"{result.level}: {result.problem}", markup=False, soft_wrap=True)
    if found.chosen is None:
        console.print("Submissions cannot be run here.", style="bold")
    else:
        console.print(f"Submissions run at level {found.chosen}.", style="bold")
        if not found.good_enough:
            console.print("Other people's work is graded at this level only with --isolation.")
    for line in found.advice:
        console.print(f"Better: {line}", markup=False, highlight=False, soft_wrap=True)
