"""What contributors are met with: hooks before a commit, forms, and how to cite."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

ROOT = Path(__file__).parent.parent
HOOKS = ROOT / ".pre-commit-config.yaml"


def valid(schema: str, *files: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_forms_are_valid() -> None:
    folder = ROOT / ".github" / "ISSUE_TEMPLATE"
    forms = sorted(path for path in folder.glob("*.yml") if path.name != "config.yml")
    assert len(forms) == 3
    valid("github-issue-forms", *forms)
    valid("github-issue-config", folder / "config.yml")


def test_the_citation_is_valid_and_of_this_version() -> None:
    path = ROOT / "CITATION.cff"
    valid("citation-file-format", path)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert yaml.safe_load(path.read_text())["version"] == project["version"]


def test_hooks_need_no_network() -> None:
    repositories = yaml.safe_load(HOOKS.read_text())["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    hooks = repositories[0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    for hook in hooks:
        program = hook["entry"].split()[0]
        assert program.startswith(".venv/bin/")
        assert shutil.which(Path(program).name, path=str(Path(sys.executable).parent)), program


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the hooks, the cleaner, one script and one notebook."""
    folder = tmp_path_factory.mktemp("clone")
    for name in (HOOKS.relative_to(ROOT), "pyproject.toml", "tools/clean_notebooks.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "script.py").write_text("x=1\n")
    git(folder, "init", "-q")
    git(folder, "add", "script.py", ".pre-commit-config.yaml")
    return folder


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def hook(clone: Path, name: str, file: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", name, "--files", file],
        cwd=clone, capture_output=True, text=True, check=False,
        env={**os.environ, "PRE_COMMIT_HOME": str(clone / ".cache"), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_hooks_run_and_mend(clone: Path) -> None:
    done = hook(clone, "ruff-format", "script.py")
    assert done.returncode == 1, done.stdout + done.stderr
    assert (clone / "script.py").read_text() == "x = 1\n"
    assert hook(clone, "ruff-check", "script.py").returncode == 0


def test_a_notebook_is_cleaned_and_keeps_what_nbgrader_needs(clone: Path) -> None:
    original = (ROOT / "assignments/pooling/pooling.ipynb").read_text(encoding="utf-8")
    notebook: Any = nbformat.reads(original, as_version=4)
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("stream", text="of this run")]
    code.execution_count = 7
    code.metadata["collapsed"] = True
    notebook.metadata["widgets"] = {"state": {}}
    (clone / "work.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    git(clone, "add", "work.ipynb")
    done = hook(clone, "clean-notebooks", "work.ipynb")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "cleaned: work.ipynb" in done.stdout
    assert (clone / "work.ipynb").read_text(encoding="utf-8") == original
    assert hook(clone, "clean-notebooks", "work.ipynb").returncode == 0


def test_committed_notebooks_are_clean(tmp_path: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "*.ipynb"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    notebooks = listed.stdout.splitlines()
    assert len(notebooks) >= 8
    for path in notebooks:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "clean_notebooks.py", *notebooks],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_hooks_watch_what_they_are_for() -> None:
    hooks = {h["id"]: h for h in yaml.safe_load(HOOKS.read_text())["repos"][0]["hooks"]}
    watched = re.compile(hooks["assignments-are-current"]["files"])
    for path in ("solutions/pooling.py", "assignments/pooling/pooling.ipynb",
                 "autograder/suites/public/pooling.json", "autograder/release.py"):  # fmt: skip
        assert watched.search(path), path
    assert not watched.search("autograder/cli.py")
    assert "--strict" in hooks["mypy"]["entry"]
