"""Other Pythons and other versions of the dependencies: ``nox`` runs all, ``nox -l`` lists them.

Each session installs the kit into an environment of its own and runs the part of the tests that
would notice: reading notebooks and archives, the worker, data, checks in a notebook, all of
nbgrader. A Python that the machine lacks is left out with a line that says so.
``docs/environments.md`` says what was found.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nox

PYTHONS = ("3.11", "3.12", "3.13")
OLDEST, NEWEST = PYTHONS[0], PYTHONS[-1]

TESTS = (
    "tests/test_report.py",
    "tests/test_notebook.py",
    "tests/test_runnable.py",
    "tests/test_worker.py",
    "tests/test_submissions.py",
    "tests/test_datasets.py",
    "tests/test_jupyter.py",
    "tests/test_nbgrader.py",
)

# What these tests use beside the kit's own dependencies.
FOR_TESTS = ("hypothesis", "jsonschema")

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False


def _add_pyenv() -> None:
    """Put the Pythons of pyenv in front of its shims, which answer to versions that are not set."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for version in PYTHONS:
        name = f"python{version}"
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            continue
        for python in sorted(root.glob(f"versions/{version}.*/bin/{name}")):
            os.environ["PATH"] = f"{python.parent}{os.pathsep}{os.environ['PATH']}"


_add_pyenv()


@nox.session(python=PYTHONS)
def locked(session: nox.Session) -> None:
    """The versions of requirements.lock."""
    session.install("--require-hashes", "--no-deps", "-r", "requirements.lock")
    session.install("--no-build-isolation", "--no-deps", "-e", ".")
    _test(session)


@nox.session(python=[OLDEST], venv_backend="uv")
def oldest(session: nox.Session) -> None:
    """The smallest versions that pyproject.toml allows, of each direct dependency."""
    session.install("--resolution", "lowest-direct", "-e", ".")
    # Not among the lowest: these are for the tests alone, and keep what is there.
    session.install(*FOR_TESTS)
    _test(session)


@nox.session(python=[NEWEST], venv_backend="uv")
def newest(session: nox.Session) -> None:
    """The newest versions that there are today, whatever the lock says."""
    session.install("--upgrade", "-e", ".", *FOR_TESTS)
    _test(session)


def _test(session: nox.Session) -> None:
    names = ("numpy", "nbgrader", "jupyterlab", "pytest", "matplotlib")
    said = f"for name in {names}: print(name, version(name))"
    session.run("python", "-c", f"from importlib.metadata import version\n{said}")
    session.run("jupyter", "lab", "path")
    session.run("python", "-m", "pytest", *(session.posargs or TESTS))
