"""The main job, on the example class: release, hand in, grade, feedback, table.

    python examples/demo.py [FOLDER]

makes a course of its own in FOLDER (default ``build/demo``, emptied first) and runs nbgrader's own
commands in it. Ends with exit code 1 if a student gets other points than expected.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from build import ROOT, assignments, build, expected, students


def main() -> int:
    parser = argparse.ArgumentParser(description="Grade the example class with nbgrader.")
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "build" / "demo")
    course: Path = parser.parse_args().folder.resolve()
    console = Console(width=max(110, Console().width))
    if course.exists():
        shutil.rmtree(course)
    course.mkdir(parents=True)
    for name in assignments():
        shutil.copytree(ROOT / "solutions" / name, course / "solutions" / name)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    started = time.monotonic()
    with Progress(
        TextColumn("{task.description:42}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), console=console,
    ) as progress:  # fmt: skip
        for name in assignments():
            run(progress, course, "generate_assignment", name, lines=1)
            files = build(course / "submitted", course, name)
            run(progress, course, "autograde", name, lines=len(files))
            run(progress, course, "generate_feedback", name, lines=len(files))
        run(progress, course, "export", lines=1)
    wrong, count = [], 0
    for name in assignments():
        reports = read_reports(course, name)
        count += len(reports)
        wrong += show(console, name, reports)
    console.print(
        f"\n{count} submissions in {time.monotonic() - started:.0f} s, all of nbgrader's "
        f"start-ups included.\n"
        f"gradebook  {course / 'gradebook.db'}\n"
        f"feedback   {course / 'feedback'}/STUDENT/ASSIGNMENT/ASSIGNMENT.html\n"
        f"table      {course / 'grades.csv'}\n"
        f"formgrader cd {course} && {Path(sys.executable).parent / 'jupyter'} lab, then "
        "Nbgrader > Formgrader",
        highlight=False,
        soft_wrap=True,
    )
    for line in wrong:
        console.print(f"[bold red]not as expected:[/] {line}")
    return 1 if wrong else 0


def run(progress: Progress, course: Path, command: str, *arguments: str, lines: int) -> None:
    """Run one of nbgrader's commands, moving a bar for each notebook that its log mentions."""
    name = f"nbgrader {command} {' '.join(arguments)}"
    bar = progress.add_task(name, total=lines)
    # nbgrader runs the program alembic, which lies beside this Python.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "AUTOGRADER_SEED": "1", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "nbgrader", command, *arguments],
        cwd=course, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    log = []
    for line in process.stdout:
        log.append(line)
        if "Converting notebook" in line and ("autograded" not in line or command != "autograde"):
            progress.advance(bar)
    if process.wait() != 0:
        progress.stop()
        sys.stderr.write("".join(log[-40:]))
        sys.exit(f"{name} failed; its last lines are above")
    progress.update(bar, completed=lines)


def read_reports(course: Path, assignment: str) -> dict[str, Any]:
    """The reports that grading left beside the autograded notebooks, by student."""
    found = {}
    for path in sorted(course.glob(f"autograded/*/{assignment}/*.report.json")):
        found[path.parent.parent.name] = json.loads(path.read_text())
    return found


def show(console: Console, assignment: str, reports: dict[str, Any]) -> list[str]:
    """Print the table of the class; return what is not as expected."""
    scores = expected(assignment)
    tasks = list(next(iter(scores.values())))
    table = Table(
        title=f"{assignment}: points by task (written answers are graded by hand)",
        caption="  ".join(f"{number} {task}" for number, task in enumerate(tasks, 1)),
        caption_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("student", no_wrap=True)
    for number in range(1, len(tasks) + 1):
        table.add_column(str(number), justify="right", no_wrap=True, min_width=2)
    table.add_column("sum", justify="right", style="bold", no_wrap=True)
    table.add_column("what went wrong", no_wrap=True, ratio=1)
    wrong = []
    for student in students(assignment):
        name = student["name"]
        report = reports.get(name)
        if report is None:
            wrong.append(f"{assignment}, {name}: no report")
            continue
        got = {task["task"]: task["points"] for task in report["tasks"]}
        for task, value in scores[name].items():
            if got.get(task) != value:
                wrong.append(
                    f"{assignment}, {name}, {task}: {got.get(task)} points, expected {value}"
                )
        cells = [f"{got[task]:g}" for task in tasks]
        table.add_row(name, *cells, f"{report['points']:g}", in_a_word(report))
    console.print(table)
    return wrong


def in_a_word(report: dict[str, Any]) -> str:
    """The most telling thing about a report, in a few words."""
    if report["status"] != "graded":
        return str(report["status"])
    if all(task["points"] == 0 for task in report["tasks"]):
        tried = any(
            check["verdict"] != "not attempted"
            for task in report["tasks"]
            for check in task["checks"]
        )
        return "nothing right" if tried else "not attempted"
    verdicts = []
    for task in report["tasks"]:
        for check in task["checks"]:
            if check["mistake"]:
                return str(check["mistake"]).partition(".")[2].replace("_", " ")
            if check["verdict"] not in ("passed", "not attempted"):
                verdicts.append(f"{task['task']}: not “{check['title']}”")
    stopped = [cell["status"] for cell in report["cells"] if cell["status"] != "failed"]
    if stopped:
        return f"a cell: {stopped[0]}"
    if report["cells"]:
        return report["cells"][0]["message"].partition(":")[0]
    if verdicts:
        return verdicts[0]
    return "" if report["points"] == report["max_points"] else "not finished"


if __name__ == "__main__":
    sys.exit(main())
