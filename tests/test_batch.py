"""Grading a class: side by side, once each, whatever is killed meanwhile."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from autograder import cli
from autograder.assignments import find as find_assignment
from autograder.batch import pool
from autograder.batch.pool import LocalProcesses, run
from autograder.batch.store import Results, file_name
from autograder.batch.work import Done, Job, fingerprint, not_graded
from autograder.notebook import Notebook, read
from autograder.report import SCHEMA_FILE, Report
from processes import PATIENCE, descendants, expect_gone
from test_submissions import lay_out

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads(SCHEMA_FILE.read_text())
PADDING = "def same_padding(kernel):\n    assert kernel % 2 == 1\n    return (kernel - 1) // 2\n"
"""Wrong: it must raise ValueError. Worth nothing, and quickly graded, as nothing else is there."""

RIGHT = PADDING.replace("assert kernel % 2 == 1", "if kernel % 2 == 0: raise ValueError")


def submission(source: str = PADDING, comment: str = "") -> bytes:
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source + comment},
        {"cell_type": "markdown", "metadata": {}, "source": comment},
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    files = {f"s{n}/work.ipynb": submission(comment=f"# {n}") for n in range(4)}
    return lay_out(tmp_path / "class", {**files, "s9/work.ipynb": submission(RIGHT)})


def grade(*arguments: object) -> int:
    return cli.main(["grade", *map(str, arguments)])


def graded(out: Path) -> dict[str, int]:
    """When each report was written, in nanoseconds, by student."""
    return {path.stem: path.stat().st_mtime_ns for path in out.glob("*/*.json")}


def changed(before: dict[str, int], after: dict[str, int]) -> set[str]:
    return {name for name in after if before.get(name) != after[name]}


def test_a_class_is_graded_once_and_again_only_where_something_changed(
    course: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("AUTOGRADER_SEED", raising=False)
    out = tmp_path / "out"
    command = (course, "--out", out, "--jobs", 2)
    assert grade(*command) == 0
    first = graded(out)
    assert set(first) == {"s0", "s1", "s2", "s3", "s9"}
    assert {report.points for report in Results(out).reports()} == {1.0, 2.0}
    assert (out / "convolution" / "code" / "s9.py").read_text().startswith("# cell 1\ndef same")
    with (out / "grades.csv").open(newline="") as file:
        table = {row["student"]: row for row in csv.DictReader(file)}
    assert float(table["s9"]["points"]) == float(table["s9"]["same_padding"]) == 2.0
    assert (out / ".seed").stat().st_mode & 0o077 == 0
    assert [path for path in out.iterdir() if path.name.startswith(".submissions")] == []

    assert grade(*command) == 0
    assert graded(out) == first
    assert "0 graded; 5 had not changed" in capsys.readouterr().out

    # What is not run may change: written answers, outputs.
    notebook = json.loads((course / "s0/work.ipynb").read_text())
    notebook["cells"][1]["source"] = "another answer"
    (course / "s0/work.ipynb").write_text(json.dumps(notebook))
    (course / "s1/work.ipynb").write_bytes(submission(comment="# new"))
    assert grade(*command) == 0
    second = graded(out)
    assert changed(first, second) == {"s1"}

    assert grade(*command, "--student", "s[23]", "--force") == 0
    third = graded(out)
    assert changed(second, third) == {"s2", "s3"}

    full = out / "convolution" / "s9.json"
    report = Report.from_json(full.read_text())
    full.write_text(replace(report, points=report.max_points).to_json())
    third = graded(out)
    assert grade(*command, "--only-failed") == 0
    fourth = graded(out)
    assert changed(third, fourth) == {"s0", "s1", "s2", "s3"}

    monkeypatch.setenv("AUTOGRADER_SEED", "7")
    assert grade(*command) == 0
    fifth = graded(out)
    assert changed(fourth, fifth) == set(first)

    monkeypatch.setattr("autograder.batch.work.kit_digest", lambda: "another version")
    assert grade(*command, "--student", "s9") == 0
    assert changed(fifth, graded(out)) == {"s9"}


def test_a_weaker_sandbox_than_asked_for_is_no_reason_to_keep_a_report(
    course: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert grade(course, "--out", out, "--student", "s9") == 0
    path = out / "convolution" / "s9.json"
    weak = replace(Report.from_json(path.read_text()), isolation="process")
    path.write_text(weak.to_json())
    before = graded(out)
    assert grade(course, "--out", out, "--student", "s9", "--isolation", "process") == 0
    assert changed(before, graded(out)) == set()
    assert grade(course, "--out", out, "--student", "s9") == 0
    assert changed(before, graded(out)) == {"s9"}


def test_the_fingerprint_follows_what_a_report_depends_on() -> None:
    assignment = find_assignment("convolution")

    def mark(source: str = PADDING, seed: int = 1, points: dict[str, float] | None = None) -> str:
        import autograder.notebook as reading

        cells = (reading.Cell("code", source), reading.Cell("markdown", "text"))
        return fingerprint(Notebook(Path("a"), cells), assignment, seed, points)

    own = {task.task: task.points for task in assignment.tasks}
    assert mark() == mark(points=own)
    others = [mark(RIGHT), mark(seed=2), mark(points={**own, "same_padding": 3.0})]
    assert len({mark(), *others}) == 4


def test_what_cannot_be_read_is_a_report_and_not_the_end(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(
        course, {"bad/work.ipynb": b"{", "archive/work.zip": b"PK", "odd name, jr./x.ipynb": b""}
    )
    out = tmp_path / "out"
    assert grade(course, "--out", out, "--jobs", 2) == 2
    reports = {report.student: report for report in Results(out).reports()}
    assert len(reports) == 8
    for report in reports.values():
        jsonschema.validate(json.loads(report.to_json()), SCHEMA)
    bad = {name for name, report in reports.items() if report.status == "unreadable"}
    assert bad == {"bad", "archive", "odd name, jr."}
    assert (out / "unreadable" / f"{file_name('odd name, jr.')}.json").exists()


def test_one_command_at_a_time_grades_into_a_folder(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = Results(tmp_path / "out")
    results.prepare()
    with results.locked():
        assert grade(course, "--out", results.path) == 2
    assert "another command is grading" in capsys.readouterr().err


@pytest.mark.parametrize(
    "student", ["ada", "../../etc/x", ".hidden", "-rf", "a/b", "é" * 90, "%41", ""]
)
def test_names_of_files_stay_inside_and_apart(student: str, tmp_path: Path) -> None:
    name = file_name(student)
    assert (tmp_path / name).resolve().parent == tmp_path.resolve()
    assert not name.startswith((".", "-"))
    assert len(name.encode()) < 143 - len(".json.gz.part")
    others = ["A", "x", "a b", "é" * 91, "A%", "%"]
    assert name not in [file_name(other) for other in others]


class Course:
    """A class that is graded by a command in a process of its own."""

    def __init__(self, tmp_path: Path, count: int) -> None:
        self.out = tmp_path / "out"
        files = {f"s{n:02}.ipynb": submission(comment=f"# {n}") for n in range(count)}
        self.folder = lay_out(tmp_path / "class", files)
        self.count = count

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "autograder.cli", "grade", self.folder, "--out", self.out]
        return subprocess.Popen(
            [*command, "--jobs", "2"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip

    def reports(self) -> dict[str, bytes]:
        return {path.stem: path.read_bytes() for path in self.out.glob("*/*.json")}


def wait_until(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    while process.poll() is None and not condition():
        time.sleep(0.005)


def test_killed_again_and_again_it_keeps_every_result_and_ends(tmp_path: Path) -> None:
    course = Course(tmp_path, 10)
    seen: dict[str, bytes] = {}
    chance = random.Random(5)
    for _ in range(2):
        process = course.start()
        before = len(seen)
        aim = before + chance.randint(1, 3)
        wait_until(process, lambda aim=aim: len(course.reports()) >= aim)  # type: ignore[misc]
        children = descendants(process.pid)
        process.kill()
        process.communicate()
        expect_gone(children)
        reports = course.reports()
        for name, content in seen.items():
            assert reports[name] == content, f"{name} was graded twice"
        for content in reports.values():
            jsonschema.validate(json.loads(content), SCHEMA)
        assert len(reports) > before
        seen = reports
    process = course.start()
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    reports = course.reports()
    assert len(reports) == course.count
    assert all(reports[name] == content for name, content in seen.items())
    assert list(course.out.rglob("*.part")) == []


def test_an_interrupt_ends_all_processes_and_says_so(tmp_path: Path) -> None:
    course = Course(tmp_path, 30)
    process = course.start()
    wait_until(process, lambda: len(course.reports()) >= 2)
    children = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, said
    assert "what was finished is kept" in said
    assert "Traceback" not in said
    expect_gone(children)
    assert len(course.reports()) < course.count


def test_a_killed_process_of_the_pool_is_replaced(tmp_path: Path) -> None:
    course = Course(tmp_path, 12)
    process = course.start()
    wait_until(process, lambda: len(course.reports()) >= 2)
    pools = [
        child for child in descendants(process.pid) if "spawn_main" in " ".join(child.cmdline())
    ]
    assert pools
    pools[0].kill()
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert len(course.reports()) == course.count


def deadly(job: Job) -> Done:
    """What a process does whose job ``killer`` brings it down, every time."""
    if job.student == "killer":
        os.kill(os.getpid(), signal.SIGKILL)
    return Done(not_graded(job, "fine"))


def test_a_job_that_kills_its_process_costs_itself_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "do", deadly)
    notebook = Notebook(Path("a"), ())
    names = ["a", "b", "killer", *"cdefgh"]
    found: list[Report] = []
    jobs = [Job(name, "convolution", notebook, 1) for name in names]
    run(jobs, LocalProcesses(2), lambda done: found.append(done.report))
    assert sorted(report.student for report in found) == sorted(names)
    assert {r.student for r in found if r.message != "fine"} == {"killer"}
    assert all(report.status == "not graded" for report in found)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody keeps to a core")
@pytest.mark.parametrize("fewer", [0, 1])
def test_each_process_keeps_to_a_core_where_there_are_as_many(fewer: int) -> None:
    cores = os.sched_getaffinity(0)
    width = len(cores) - fewer
    if not width:
        pytest.skip("there is one core only")
    with LocalProcesses(width).start() as executor:
        futures = [executor.submit(os.sched_getaffinity, 0) for _ in range(width)]
        kept = [future.result() for future in futures]
    assert all(one == cores if fewer else len(one) == 1 for one in kept)


class Threads:
    """A place that is quickly made, to see how many jobs are under way at once."""

    width = 2

    @contextmanager
    def start(self) -> Iterator[ThreadPoolExecutor]:
        with ThreadPoolExecutor(self.width) as executor:
            yield executor


def test_only_a_few_jobs_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "do", deadly)
    made, finished = 0, 0
    most = 0

    def jobs() -> Iterator[Job]:
        nonlocal made, most
        for number in range(200):
            made += 1
            most = max(most, made - finished)
            yield Job(str(number), "convolution", Notebook(Path("a"), ()), 1)

    def done(result: Done) -> None:
        nonlocal finished
        finished += 1

    run(jobs(), Threads(), done)
    assert finished == 200
    assert most <= 3 * Threads.width


def test_an_error_of_a_place_is_no_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(job: Job) -> Done:
        raise OSError("the cluster's disk is full")

    monkeypatch.setattr(pool, "do", fails)
    found: list[Report] = []
    job = Job("a", "convolution", Notebook(Path("a"), ()), 1)
    run([job], Threads(), lambda done: found.append(done.report))
    assert found[0].status == "not graded"
    assert "disk is full" in found[0].message


def test_reports_are_those_of_grading_one_by_one(course: Path, tmp_path: Path) -> None:
    from autograder.grading import grade as grade_one

    os.environ["AUTOGRADER_SEED"] = "11"
    try:
        assert grade(course, "--out", tmp_path / "out", "--jobs", 2) == 0
        for report in Results(tmp_path / "out").reports():
            alone = grade_one(course / report.student / "work.ipynb", student=report.student)
            assert alone.points == report.points
            assert [t.points for t in alone.tasks] == [t.points for t in report.tasks]
            assert alone.seed == report.seed
    finally:
        del os.environ["AUTOGRADER_SEED"]
    assert read(course / "s0" / "work.ipynb").cells[0].source.startswith("def same_padding")
