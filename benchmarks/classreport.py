"""Measures ``autograder report`` with a class of a thousand, made up from the example class.

    python examples/build.py build/class convolution
    autograder grade build/class/*/convolution/*.ipynb --out build/reports
    python benchmarks/classreport.py build/reports build/results [--students 1000]

writes a folder of results for ``autograder report``, makes the report, and prints the time and the
memory that it took. Every made-up student takes each task's verdicts from one of the reports, and
its code from the model solution, a right variant, a slow one or a specimen of a mistake, with names
and comments of the student's own. One in thirty changes another's names only.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import time
from dataclasses import replace
from pathlib import Path

from autograder.assignments import find
from autograder.batch.store import file_name
from autograder.cli import main
from autograder.files import write_whole
from autograder.notebook import read
from autograder.report import Report
from autograder.roster import Student, roster_json

ROOT = Path(__file__).parent.parent
KIT = ROOT / "autograder"
FIRST = ("Ada", "Ben", "Chen", "Dara", "Emil", "Finn", "Gita", "Hugo", "Iris", "Jon", "Kim", "Lea")
LAST = ("Abara", "Berg", "Cruz", "Dahl", "Eze", "Fischer", "Garcia", "Haddad", "Ito", "Jansen")
WORDS = re.compile(
    r"\b(out|padded|xp|dx|dw|db|Ho|Wo|H_out|W_out|cols|windows|window|room|stride|s|p|q)\b"
)


def cells_of(assignment: str, task: str) -> list[str]:
    """Codes of ``task``, right and wrong."""
    folders = [
        KIT / "variants" / assignment / task,
        KIT / "variants" / assignment / "slow" / task,
        KIT / "mistakes" / "specimens" / assignment / task,
    ]
    found = [path.read_text() for folder in folders for path in sorted(folder.glob("*.py"))]
    model = read(ROOT / "solutions" / assignment / f"{assignment}.ipynb")
    return found + [c.source for c in model.cells if c.grade_id == f"{task}-code"]


def renamed(code: str, draw: random.Random) -> str:
    """``code`` with some other names, and comments."""
    end = draw.choice(["", "_", "_new", "1", "_arr", "_val"])
    code = WORDS.sub(lambda match: match.group() + end, code)
    lines = code.splitlines()
    for _ in range(draw.randrange(3)):
        lines.insert(draw.randrange(len(lines) + 1), f"# step {draw.randrange(100)}")
    return "\n".join(lines)


def made_up(reports: list[Report], students: int, out: Path, seed: int) -> None:
    """Write a class of ``students`` below ``out``."""
    draw = random.Random(seed)
    graded = [report for report in reports if report.status == "graded" and report.tasks]
    others = [report for report in reports if report.status != "graded"]
    assignment = find(graded[0].assignment)
    tasks = [task.task for task in assignment.tasks if not task.by_hand]
    cells = {task: cells_of(assignment.name, task) for task in tasks}
    (out / assignment.name / "code").mkdir(parents=True, exist_ok=True)
    roster, codes = [], []
    for number in range(students):
        student = f"s{number:04}"
        roster.append(Student(student, f"{draw.choice(LAST)}, {draw.choice(FIRST)}"))
        if others and draw.random() < 0.01:
            report = replace(draw.choice(others), student=student, assignment=assignment.name)
        else:
            base = draw.choice(graded)
            # Good students are good in most tasks.
            source = [base if draw.random() < 0.6 else draw.choice(graded) for _ in tasks]
            chosen = tuple(r.task(task) for r, task in zip(source, tasks, strict=True))
            total = sum(task.points for task in chosen)
            seconds = base.seconds * draw.uniform(0.7, 1.6)
            report = replace(
                base, student=student, tasks=chosen, points=round(total, 2), seconds=seconds
            )
        if codes and draw.random() < 1 / 30:
            code = renamed(draw.choice(codes), draw)
        else:
            code = "\n\n".join(renamed(draw.choice(cells[task]), draw) for task in tasks)
        codes.append(code)
        name = file_name(student)
        (out / assignment.name / "code" / f"{name}.py").write_text(code)
        (out / assignment.name / f"{name}.json").write_text(report.to_json())
    write_whole(out / "students.json", roster_json(roster))


def run() -> None:
    parser = argparse.ArgumentParser(description="Measure the report of a large class.")
    parser.add_argument("reports", type=Path, help="folder with reports of one assignment")
    parser.add_argument("out", type=Path, help="folder to write the made-up results into")
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    reports = [Report.from_json(p.read_text()) for p in sorted(options.reports.glob("*.json"))]
    made_up(reports, options.students, options.out, options.seed)
    started, busy = time.perf_counter(), time.process_time()
    code = main(["report", str(options.out)])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    said = {
        "students": options.students,
        "exit code": code,
        "seconds": round(time.perf_counter() - started, 1),
        "of the processor": round(time.process_time() - busy, 1),
        "peak memory in MB": round(peak / 1024),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    run()
