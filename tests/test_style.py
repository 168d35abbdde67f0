"""The texts: links lead somewhere, numbers are true, nothing is left to do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from autograder.mistakes import catalogue

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in files if path.is_file() and path.suffix not in (".png", ".npz", ".xz")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


def test_the_readme_counts_right() -> None:
    text = (ROOT / "README.md").read_text()
    count = sum(len(catalogue.all_mistakes(name)) for name in catalogue.assignments())
    assert f"{count} known mistakes" in text.replace("\n", " ")


def test_every_target_of_make_has_a_line_of_help() -> None:
    text = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^([a-z-]+):(?!=)", text, re.MULTILINE):
        if target != "system-packages":
            assert re.search(rf"^{target}:.*## \w", text, re.MULTILINE), target


def test_nothing_is_left_to_do() -> None:
    words = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]))
    for path in tracked():
        if path.name != "requirements.lock":
            assert not words.search(path.read_text(encoding="utf-8")), path
