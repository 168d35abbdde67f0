"""Supply chain: files beside the notebook that a careless grader would load."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .attack import Attack, Build, cell, cells_of, notebook, write

_LEFT = """
import os, pathlib
pathlib.Path(os.environ.get("OUTSIDE", "/tmp"), "intruder-loaded").touch()
"""
"""Python code that leaves a trace wherever it runs."""


def _beside(source: str = "", **files: str) -> Build:
    """The attack's notebook with ``files`` beside it; ``__`` in a name stands for a slash, ``_dot_``
    for a dot."""

    def build(folder: Path, facts: Mapping[str, Any]) -> Path:
        for name, text in files.items():
            path = folder / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return write(folder, notebook([cell(text) for text in cells_of(source, facts)]))

    return build


def _binary(name: str, content: bytes) -> Build:
    def build(folder: Path, facts: Mapping[str, Any]) -> Path:
        (folder / name).write_bytes(content)
        return write(folder, notebook([cell(text) for text in cells_of("", facts)]))

    return build


_PLUGIN = """
[pytest]
addopts = -p intruder --maxfail=0 -k nothing
python_files = nothing.py
"""

ATTACKS = (
    Attack(
        "a numpy.py",
        "Lays a module named like numpy beside the notebook.",
        _beside(numpy_dot_py=_LEFT, numpy____init___dot_py=_LEFT),
    ),
    Attack(
        "other modules that the grader imports",
        "Lays modules with the names of pytest, json, random and others beside the notebook.",
        _beside(
            **{
                f"{name}_dot_py": _LEFT
                for name in (
                    "pytest",
                    "json",
                    "random",
                    "pyseccomp",
                    "matplotlib",
                    "secrets",
                    "IPython",
                )
            }
        ),
    ),
    Attack(
        "a package named like the kit",
        "Lays a package autograder with suites of its own beside the notebook.",
        _beside(
            autograder____init___dot_py=_LEFT,
            autograder__suites____init___dot_py=_LEFT,
            autograder__suites__public__test_convolution_dot_py=_LEFT
            + "def test_nothing(): pass\n",
        ),
    ),
    Attack(
        "a conftest.py",
        "Lays a conftest with hooks beside the notebook and above it.",
        _beside(
            conftest_dot_py=_LEFT + "def pytest_collection_modifyitems(items): items.clear()\n",
            tests__conftest_dot_py=_LEFT,
        ),
    ),
    Attack(
        "settings of pytest",
        "Lays every file beside the notebook in which pytest looks for options and plugins.",
        _beside(
            pytest_dot_ini=_PLUGIN,
            tox_dot_ini=_PLUGIN,
            setup_dot_cfg=_PLUGIN.replace("[pytest]", "[tool:pytest]"),
            pyproject_dot_toml='[tool.pytest.ini_options]\naddopts = "-p intruder"\n',
            intruder_dot_py=_LEFT,
        ),
    ),
    Attack(
        "code for every start",
        "Lays sitecustomize, usercustomize and .pth files beside the notebook.",
        _beside(
            sitecustomize_dot_py=_LEFT,
            usercustomize_dot_py=_LEFT,
            intruder_dot_pth="import os; " + "open('intruder-loaded', 'w')\n",
            pyvenv_dot_cfg="home = /tmp\ninclude-system-site-packages = true\n",
        ),
    ),
    Attack(
        "settings of matplotlib",
        "Lays a matplotlibrc beside the notebook that names a backend of its own.",
        _beside(
            matplotlibrc="backend: module://intruder\nfigure.dpi: 1\nfigure.max_open_warning: x\n",
            intruder_dot_py=_LEFT,
        ),
    ),
    Attack(
        "settings of matplotlib that cannot be read",
        "Lays a matplotlibrc beside the notebook in bytes that are no text.",
        _binary("matplotlibrc", b"\xff\xfe\x00backend: Agg\n"),
    ),
    Attack(
        "settings of IPython and Jupyter",
        "Lays profiles with start-up files and configurations beside the notebook.",
        _beside(
            _dot_ipython__profile_default__startup__00_dot_py=_LEFT,
            ipython_config_dot_py=_LEFT,
            jupyter_notebook_config_dot_py=_LEFT,
            nbgrader_config_dot_py=_LEFT,
            _dot_jupyter__jupyter_config_dot_py=_LEFT,
            jupyter_config_dot_json='{"Exporter": {"preprocessors": ["intruder.X"]}}',
        ),
    ),
    Attack(
        "a library for the loader",
        "Lays shared libraries and loader settings beside the notebook.",
        _beside(
            libseccomp_dot_so_dot_2="not a library",
            ld_dot_so_dot_preload="intruder.so\n",
            _dot_env="AUTOGRADER_SEED=1\nLD_PRELOAD=./intruder.so\n",
            bwrap="#!/bin/sh\ntouch intruder-loaded\n",
        ),
    ),
    Attack(
        "data in the place of the kit's",
        "Lays photographs, vectors and schemas beside the notebook under the kit's names.",
        _beside(
            datasets__NOTICE="left",
            suites__public__vectors__convolution_dot_npz="left",
            report_dot_schema_dot_json="{}",
            convolution_dot_json='{"assignment": "convolution", "tasks": []}',
        ),
    ),
    Attack(
        "modules in its own folder",
        "Writes modules into its scratch folder, which come first in its path, and imports the guest anew.",
        """
for name in ("json", "struct", "select", "numpy", "worker"):
    open(f"{name}.py", "w").write("left = 1")
sys.path.insert(0, os.getcwd())
import importlib
for name in ("json", "worker", "worker.guest", "worker.wire"):
    sys.modules.pop(name, None)
attempt(importlib.import_module, "json")
""",
    ),
)
