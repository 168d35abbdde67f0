"""Measures the grader beside stock nbgrader: ``python benchmarks/grading.py [--json FILE]``.

Both sides get the example class's notebooks, one after the other, in one run, in turns:

- ours: ``nbgrader autograde`` with the sandboxed grader: gradebook, public and hidden checks;
- stock: only what nbgrader's ``Execute`` does, running the cells in a Jupyter kernel.

Left out are the submissions that a kernel does not survive or that would fill the machine's memory
(endless loop, memory hog, ``os._exit``) and the one that is not a notebook. Cells tagged
``experiment`` are left out on both sides, which favours the stock side.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
from nbgrader.apps import NbGraderAPI
from nbgrader.preprocessors import Execute
from rich.console import Console
from rich.progress import track
from traitlets.config import Config

from autograder.nbgrader_plugin import configure

ROOT = Path(__file__).parent.parent
LEFT_OUT = {"nora", "omar", "wim", "rosa", "sam"}


def example_class() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "examples" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def course(root: Path) -> NbGraderAPI:
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = str(ROOT / "solutions")
    config.CourseDirectory.release_directory = str(root / "release")
    config.CourseDirectory.db_url = f"sqlite:///{root}/gradebook.db"
    config.Exchange.root = str(root / "exchange")
    configure(config)
    api = NbGraderAPI(config=config)
    result = api.generate_assignment("convolution")
    if not result["success"]:
        sys.exit(result["log"])
    return api


def grade_ours(api: NbGraderAPI, student: str) -> float:
    started = time.perf_counter()
    result = api.autograde("convolution", student, force=True)
    if not result["success"]:
        sys.exit(result["log"])
    return time.perf_counter() - started


def execute_stock(path: Path) -> float:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [
        cell for cell in notebook.cells if "experiment" not in cell.metadata.get("tags", ())
    ]
    started = time.perf_counter()
    Execute(kernel_name="python3", timeout=300).preprocess(notebook, {})
    return time.perf_counter() - started


def measure(repeat: int) -> dict[str, Any]:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        api = course(root)
        files = {p.parent.parent.name: p for p in example_class().build(root / "submitted")}
        students = [name for name in files if name not in LEFT_OUT]
        grade_ours(api, students[0])  # starts the sandbox, which a whole class shares
        ours, stock = [], []
        for number, student in enumerate(track(students * repeat, "measuring")):
            sides = [
                lambda s=student: ours.append(grade_ours(api, s)),
                lambda s=student: stock.append(execute_stock(files[s])),
            ]
            for run in sides if number % 2 else sides[::-1]:
                run()
    pairs = [a / b for a, b in zip(ours, stock, strict=True)]
    quartiles = statistics.quantiles(pairs, n=4)
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "submissions": len(ours),
        "per_minute": 60 / statistics.median(ours),
        "stock_per_minute": 60 / statistics.median(stock),
        "ratio": statistics.median(pairs),
        "ratio_quartiles": [quartiles[0], quartiles[2]],
        "peak_mib": peak / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--repeat", type=int, default=1, help="rounds over the class")
    options = parser.parse_args()
    figures = measure(options.repeat)
    low, high = figures["ratio_quartiles"]
    Console().print(
        f"{figures['submissions']} submissions\n"
        f"ours, graded through nbgrader:  {figures['per_minute']:6.1f} a minute\n"
        f"stock, executed only:           {figures['stock_per_minute']:6.1f} a minute\n"
        f"time a submission, ours/stock:  {figures['ratio']:6.2f} "
        f"(quartiles {low:.2f} to {high:.2f})\n"
        f"largest process:                {figures['peak_mib']:6.0f} MiB",
        highlight=False,
    )
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
