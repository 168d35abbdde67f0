"""A wheel of the student edition: the same name as the kit's, another version, fewer files.

The version ends in ``+student.`` and a digest of what is in it, so that pip takes it for another
one than the instructors' and than that of another set of assignments. The same input gives the same
bytes.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..release import ReleaseError

__all__ = ["Wheel", "dependencies", "project", "wheel"]

DESK = ("jupyterlab", "notebook")
"""What students work in; nothing imports it."""

TIME = "1577836800"
"""The time of all files in the wheel, in seconds of Unix: the beginning of 2020."""


class Wheel:
    """A built wheel: its file's name, its version and its bytes."""

    def __init__(self, name: str, version: str, data: bytes) -> None:
        self.name, self.version, self.data = name, version, data


def project(root: Path) -> dict[str, Any]:
    """The table ``project`` of the checkout's ``pyproject.toml``."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    table: dict[str, Any] = tomllib.loads(text)["project"]
    return table


def dependencies(listed: Iterable[str], sources: Iterable[str]) -> list[str]:
    """Those of the requirements ``listed`` that one of the Python ``sources`` imports, and the
    desk."""
    tops = {top for source in sources for top in _imports(source)}
    homes = importlib.metadata.packages_distributions()
    needed = {_plain(name) for top in tops for name in homes.get(top, [top])} | set(DESK)
    return [text for text in listed if _plain(re.split(r"[^\w.-]", text)[0]) in needed]


def _imports(source: str) -> Iterable[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wheel(root: Path, files: Mapping[str, bytes], requirements: list[str], readme: str) -> Wheel:
    """Build the wheel of ``files``, by their path in the package, with hatchling.

    Raises :class:`~autograder.release.ReleaseError` where hatchling is missing or fails.
    """
    about = project(root)
    tree = {f"autograder/{name}": data for name, data in files.items()}
    tree |= {name: (root / name).read_bytes() for name in about["license-files"]}
    tree[about["readme"]] = readme.encode()
    settings = _settings(about, requirements, files)
    digest = hashlib.sha256(settings.encode())
    for name, data in sorted(tree.items()):
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    # A letter first: a part of a version that is all digits is read as a number.
    version = f"{about['version']}+student.x{digest.hexdigest()[:8]}"
    tree["pyproject.toml"] = settings.replace(about["version"], version, 1).encode()
    with tempfile.TemporaryDirectory(prefix="autograder-wheel-") as folder:
        for name, data in tree.items():
            path = Path(folder, "source", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o644)
        built = Path(folder, "built")
        _run_hatchling(Path(folder, "source"), built)
        (path,) = built.glob("*.whl")
        return Wheel(path.name, version, path.read_bytes())


def _settings(about: Mapping[str, Any], requirements: list[str], files: Iterable[str]) -> str:
    """The text of a ``pyproject.toml`` for the student edition; the version comes first in it."""
    kept = ("version", "name", "requires-python", "license", "license-files", "readme")
    table = {key: about[key] for key in (*kept, "keywords", "classifiers")}
    table["description"] = f"{about['description']} (student edition)"
    table["dependencies"] = requirements
    lines = ["[project]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    there = {name.removesuffix(".py").replace("/", ".") for name in files}
    doors = {"project.scripts": about["scripts"]}
    for group, entries in about.get("entry-points", {}).items():
        doors[f"project.entry-points.{group}"] = entries
    for group, entries in doors.items():
        lines.append(f"[{group}]")
        for name, target in entries.items():
            if target.partition(":")[0].removeprefix("autograder.") in there:
                lines.append(f"{name} = {_toml(target)}")
    lines += ["[build-system]", 'requires = ["hatchling"]', 'build-backend = "hatchling.build"']
    lines += ["[tool.hatch.build.targets.wheel]", 'packages = ["autograder"]']
    return "\n".join(lines) + "\n"


def _toml(value: str | list[str]) -> str:
    # A JSON text without escapes above ASCII is one of TOML, too.
    return json.dumps(value, ensure_ascii=False)


def _run_hatchling(source: Path, built: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": TIME}
    done = subprocess.run(
        command, cwd=source, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    if "No module named" in done.stderr and "hatchling" in done.stderr:
        raise ReleaseError(
            "the wheel is built with hatchling, which is missing: pip install hatchling"
        )
    raise ReleaseError(
        f"hatchling could not build the wheel:\n{(done.stderr or done.stdout)[-1500:]}"
    )
