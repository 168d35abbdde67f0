"""One submission in Gradescope's container: what ``run_autograder`` of a bundle starts.

::

    /autograder/source/settings.json     what the bundle was made for
    /autograder/submission/              what the student handed in
    /autograder/results/results.json     what this writes, last and whole

A fault of the grader or of the machine leaves no ``results.json`` and an exit code that is not 0.
Gradescope then says that the autograder failed, keeps the submission without a score, and lets
staff run it again; a file without a score is refused as malformed, and a score of 0 would count.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..exports.gradescope import results_json
from ..exports.text import report_text
from ..files import CannotWrite, write_whole
from ..grading import grade, secret_seed
from ..notebook import UnreadableNotebook, read, recognise
from ..report import Report, plain
from ..worker.host import open_sandbox
from ..worker.sandbox import Level, SandboxError

__all__ = ["Settings", "find_notebook", "main"]

GRADED, OUR_FAULT = 0, 3
MOST_FILES = 50
"""How many notebooks of one submission are looked at."""


@dataclass(frozen=True)
class Settings:
    """What a bundle was made for; ``seed`` is the secret seed of its hidden checks."""

    assignment: str
    isolation: Level
    visibility: str
    seed: int

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


def find_notebook(folder: Path, assignment: str) -> Path | str:
    """The notebook in ``folder`` that has most tasks of ``assignment``, or why there is none."""
    files = []
    for path in _notebooks(folder):
        files.append(path)
        if len(files) == MOST_FILES:
            break
    if not files:
        return "no notebook (a file that ends in .ipynb) was handed in"
    best, most, problems = None, 0, []
    for path in files:
        name = path.relative_to(folder)
        try:
            notebook = read(path)
            found = recognise(notebook)
        except UnreadableNotebook as error:
            problems.append(f"{name}: {error}")
            continue
        if found.name != assignment:
            problems.append(f"{name}: it is a notebook of {found.name}")
            continue
        tasks = {task.task for task in found.tasks}
        count = 1 + sum(cell.grade_id in tasks for cell in notebook.cells)
        if count > most:
            best, most = path, count
    return best or plain(f"there is no notebook of {assignment}. {'; '.join(problems[:5])}")


def _notebooks(folder: Path) -> Iterator[Path]:
    """Files that may be notebooks, by depth and name, but for JupyterLab's copies."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".ipynb") and not name.startswith("."):
                yield Path(place, name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade the submission below the folder that is the one argument; return the exit code."""
    (root,) = map(Path, sys.argv[1:] if arguments is None else arguments)
    results = root / "results" / "results.json"
    results.unlink(missing_ok=True)
    settings = Settings(**json.loads((root / "source" / "settings.json").read_text()))
    written = False
    try:
        report = _graded(root / "submission", settings)
        if report.status == "not graded":
            print(f"Not graded, through no fault of the student: {report.message}")
            return OUR_FAULT
        results.parent.mkdir(parents=True, exist_ok=True)
        write_whole(results, results_json([report], {}, visibility=settings.visibility))
        written = True
    except (CannotWrite, SandboxError) as error:
        print(f"Not graded, through no fault of the student: {error}")
        return OUR_FAULT
    finally:
        if not written:
            # Without a sandbox, a submission may have put one there.
            results.unlink(missing_ok=True)
    print(report_text(report))
    return GRADED


def _graded(folder: Path, settings: Settings) -> Report:
    found = find_notebook(folder, settings.assignment)
    if isinstance(found, str):
        return Report(settings.assignment, "", "unreadable", "", 0.0, 0.0, message=found)
    with open_sandbox(settings.isolation) as box:
        return grade(found, box=box, seed=secret_seed(settings.seed))


if __name__ == "__main__":
    sys.exit(main())
