"""The lists of dependencies agree, and name no address."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version
from rattler import MatchSpec

ROOT = Path(__file__).parent.parent
CONDA_NAMES = {"matplotlib-base": "matplotlib"}
ENVIRONMENT = (ROOT / "environment.yml").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def requirements() -> dict[str, Requirement]:
    found = [Requirement(text) for text in PROJECT["dependencies"]]
    return {requirement.name: requirement for requirement in found}


def test_environment_yml_follows_pyproject() -> None:
    specs = {}
    for line in re.findall(r"^  - ([^:\n]+)$", ENVIRONMENT, re.MULTILINE):
        if line in ("conda-forge", "pip"):
            continue
        spec = MatchSpec(line)
        name = spec.name.normalized if hasattr(spec.name, "normalized") else str(spec.name)
        specs[CONDA_NAMES.get(name, name)] = str(spec.version)
    for line in re.findall(r"^      - (?!-e)(.+)$", ENVIRONMENT, re.MULTILINE):
        requirement = Requirement(line)
        specs[requirement.name] = str(requirement.specifier)
    assert specs.pop("python") == PROJECT["requires-python"]
    assert specs == {name: str(r.specifier) for name, r in requirements().items()}


def test_the_lock_satisfies_pyproject_and_has_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=\S)", lock.strip())
    locked = {}
    for entry in entries:
        match = re.match(r"([A-Za-z0-9_.-]+)==([^ ;\\]+)", entry)
        assert match is not None, entry[:60]
        assert "--hash=sha256:" in entry, match[1]
        locked.setdefault(match[1].lower(), []).append(Version(match[2]))
    for name, requirement in requirements().items():
        assert all(requirement.specifier.contains(v) for v in locked[name.lower()]), name
    for text in PROJECT["optional-dependencies"]["dev"]:
        requirement = Requirement(text)
        assert all(requirement.specifier.contains(v) for v in locked[requirement.name]), text
    assert "rfc3987-syntax" not in locked


def test_each_dependency_is_listed_with_its_reason() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text()
    table = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", text, re.MULTILINE))
    rows = " ".join(name for name, reason in table.items() if len(reason) > 10)
    for name in requirements():
        assert re.search(rf"(?<![\w-]){name}(?![\w-])", rows), name
    for extra, texts in PROJECT["optional-dependencies"].items():
        for name in (Requirement(entry).name for entry in texts):
            where = text if extra == "dev" else rows
            assert re.search(rf"(?<![\w-]){name}(?![\w-])", where), f"{name}, of {extra}"


def test_no_file_names_a_registrys_host() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted.org", "anaconda" + ".org", "npmjs" + ".org"]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert len(files) > 50
    for path in files:
        if path.is_file() and path.suffix not in (".png", ".npz", ".xz"):
            text = path.read_text(encoding="utf-8")
            assert not any(host in text for host in hosts), path
