"""The command ``autograder gradescope``: the zip that Gradescope makes an autograder from.

It holds ``setup.sh`` and ``run_autograder`` (``gradescope_files/``), the wheel of the kit, the
requirements with hashes, and settings. It is made from a clone, whose lock and build it needs.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import io
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console

from ..assignments import find
from ..command_line import PASSED, add_isolation
from ..exports.gradescope import VISIBILITIES
from ..files import write_whole
from ..grading import has_hidden_checks, secret_seed
from .gradescope import Settings

__all__ = ["add_command", "bundle", "requirements"]

ROOT = Path(__file__).parent.parent.parent
SCRIPTS = Path(__file__).with_name("gradescope_files")

_DESCRIPTION = """\
Make the zip that Gradescope builds an autograder from (Configure Autograder, Zip file upload)."""

_EPILOG = """\
exit codes:
  0  made
  2  the command was used wrongly, or this is no clone of the kit
  3  the file could not be written"""


def add_command(commands: Any) -> None:
    """Add ``gradescope`` to the subcommands of ``autograder``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "gradescope",
        help="make an autograder for Gradescope",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("assignment", metavar="ASSIGNMENT")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="default: gradescope-ASSIGNMENT.zip"
    )
    parser.add_argument(
        "--visibility",
        choices=VISIBILITIES,
        default="after_published",
        help="who sees the hidden checks' results (default: %(default)s)",
    )
    add_isolation(parser, "landlock")
    parser.set_defaults(run=_make)


def _make(options: argparse.Namespace) -> int:
    try:
        assignment = find(options.assignment).name
    except KeyError as error:
        raise ValueError(error.args[0]) from None
    out = options.out or Path(f"gradescope-{assignment}.zip")
    settings = Settings(assignment, options.isolation, options.visibility, secret_seed())
    console = Console(stderr=True)
    with console.status("building the wheel"):
        write_whole(out, bundle(settings))
    console.print(f"{out}: upload it under Configure Autograder", markup=False, soft_wrap=True)
    if not has_hidden_checks():
        console.print("This is the student edition: only the public checks will be run.")
    return PASSED


def bundle(settings: Settings) -> bytes:
    """The zip. Raises ``ValueError`` where there is no clone to build the wheel from."""
    lock = ROOT / "requirements.lock"
    if not lock.is_file() or not (ROOT / "pyproject.toml").is_file():
        raise ValueError(
            f"{ROOT} is no clone of the kit, and the bundle needs its requirements.lock; "
            "run the command of the .venv in a clone"
        )
    content = {
        "settings.json": settings.to_json().encode(),
        "requirements.txt": requirements(lock.read_text(encoding="utf-8")).encode(),
        **{path.name: path.read_bytes() for path in sorted(SCRIPTS.iterdir()) if path.is_file()},
    }
    with tempfile.TemporaryDirectory() as folder:
        wheel = _wheel(Path(folder))
        content[wheel.name] = wheel.read_bytes()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            # Without a date, the same kit and seed give the same bytes.
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name in ("setup.sh", "run_autograder") else 0o644) << 16
            archive.writestr(entry, data)
    return made.getvalue()


def _wheel(folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = list(folder.glob("*.whl"))
    if done.returncode or len(found) != 1:
        raise ValueError(f"the wheel could not be built: {(done.stderr or done.stdout)[-800:]}")
    return found[0]


def requirements(lock: str, also: Iterable[str] = ()) -> str:
    """The entries of ``lock`` without what only the kit's extras (development, clusters) need.

    What neither is known to need stays: it may be needed on another system. So do those in ``also``
    and what they need.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [text for texts in project["optional-dependencies"].values() for text in texts]
    run, other = _needed([*project["dependencies"], *also]), _needed(extras)
    entries = re.split(r"\n(?=\S)", lock.strip())
    return "".join(f"{entry}\n" for entry in entries if _name(entry) not in other - run)


def _needed(requirements: Iterable[str]) -> set[str]:
    """The names in ``requirements`` and all that they need, as far as it is installed here."""
    waiting, done = [_name(text) for text in requirements], set[str]()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        try:
            needed = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        waiting += [_name(text) for text in needed if "extra ==" not in text]
    return done


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", match.group()).lower() if match else ""
