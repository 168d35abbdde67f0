"""What several tests share: a sandbox, the example class, small notebooks."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

from autograder import rooms
from autograder.assignments import Assignment
from autograder.worker.host import Sandbox, open_sandbox

ROOT = Path(__file__).parent.parent

# The same examples in every run, so that a red one is red for the next person too.
settings.register_profile("suite", derandomize=True)
settings.register_profile("search", max_examples=2000)
settings.load_profile("suite")

# nbgrader runs the program alembic, which lies beside this Python.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

FIRST = (
    "browser", "audit", "authoring", "handing_in_browser", "docs", "nbgrader", "play_browser",
    "course", "batch", "nbgrader_browser", "jupyter", "cluster", "grading", "determinism",
)  # fmt: skip
"""The files that take the longest, those that wait for a browser among those that compute."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: some tests wait for browsers and servers most of the time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no core is left with one of them at the end."""
    ranks = {f"test_{name}": rank for rank, name in enumerate(FIRST)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(FIRST)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Show what a browser's page said when a test failed."""
    report = yield
    browsing = sys.modules.get("browsing")
    if browsing is not None and report.failed:
        report.sections += [("page", text) for text in browsing.open_pages()]
    return report


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The strongest sandbox here."""
    with open_sandbox() as running:
        yield running


@pytest.fixture
def suites_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Assignment]:
    """Makes an assignment whose suites have the given texts, by room; no other is found then."""

    def make(name: str, **texts: str) -> Assignment:
        files = {}
        for room, text in texts.items():
            files[room] = tmp_path / room / f"test_{name}.py"
            files[room].parent.mkdir()
            files[room].write_text(text)
        monkeypatch.setattr(rooms, "suite", lambda room, _: files.get(room))
        return Assignment(name, f"{name}.ipynb", ())

    return make


@pytest.fixture(scope="session")
def example_class() -> ModuleType:
    """The module that builds the example class."""
    spec = importlib.util.spec_from_file_location("build", ROOT / "examples" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["build"] = module
    spec.loader.exec_module(module)
    return module
