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
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..assignments import find
from ..command_line import OUR_FAULT, PASSED
from ..exports.gradescope import results_json
from ..exports.text import report_text
from ..files import CannotWrite, write_whole
from ..grading import grade_notebook, secret_seed
from ..report import Report, plain
from ..roster import Student
from ..worker.host import open_sandbox
from ..worker.sandbox import Level, SandboxError
from .submissions import handed_in

__all__ = ["Settings", "main"]


@dataclass(frozen=True)
class Settings:
    """What a bundle was made for; ``seed`` is the secret seed of its hidden checks."""

    assignment: str
    isolation: Level
    visibility: str
    seed: int

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


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
    return PASSED


def _graded(folder: Path, settings: Settings) -> Report:
    student = Student("submission")
    with tempfile.TemporaryDirectory() as scratch:
        entry = handed_in(folder, student, settings.assignment, Path(scratch))
        ((_, notebook, problem),) = entry.notebooks()
    if notebook is None:
        return Report(
            settings.assignment, student.id, "unreadable", "", 0.0, 0.0, message=plain(problem)
        )
    with open_sandbox(settings.isolation) as box:
        report, _ = grade_notebook(
            notebook,
            find(settings.assignment),
            student=student.id,
            box=box,
            seed=secret_seed(settings.seed),
        )
    return report


if __name__ == "__main__":
    sys.exit(main())
