"""One command for a course of nbgrader's: graded side by side, in the gradebook to the digit."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder import cli, nbgrader_plugin
from autograder.batch.store import Results
from test_batch import RIGHT
from test_nbgrader import Course

PROGRAMS = Path("/usr/lib/postgresql")


def configure(course: Course, address: str) -> None:
    (course.root / "nbgrader_config.py").write_text(
        "from autograder import nbgrader_plugin\nc = get_config()\n"
        f"c.CourseDirectory.course_id = 'test'\nc.CourseDirectory.db_url = {address!r}\n"
        f"c.Exchange.root = {str(course.root / 'exchange')!r}\nnbgrader_plugin.configure(c)\n"
    )


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    """A course with four hand-ins, which is the current folder."""
    made = Course(tmp_path)
    configure(made, made.config.CourseDirectory.db_url)
    made.submit("ada")
    made.submit("ben", answers={"same_padding-code": RIGHT})
    made.submit("chen", answers={})
    made.submit("dara", data=b"{")
    with contextlib.chdir(made.root):
        yield made


def scores(address: str) -> dict[str, float]:
    with Gradebook(address) as gradebook:
        return {
            s.student.id: sum(g.auto_score or 0.0 for n in s.notebooks for g in n.grades)
            for s in gradebook.assignment_submissions("convolution")
        }


def expect_as_reported(course: Course, address: str) -> None:
    found = scores(address)
    reports = {report.student: report for report in Results(course.root / "results").reports()}
    assert set(found) == set(reports) == {"ada", "ben", "chen", "dara"}
    with Gradebook(address) as gradebook:
        for name, report in reports.items():
            for task in report.tasks:
                grade = gradebook.find_grade(task.task, "convolution", "convolution", name)
                assert grade.auto_score == task.points, (name, task.task)
    # The course's own cells give three points, and half a point.
    assert found == {"ada": 6 + 3.5, "ben": 2 + 3.5, "chen": 0, "dara": 0}


def test_one_command_grades_and_fills_the_gradebook(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nbgrader takes what was graded from the results: it must not grade anything again."""

    def fail(*arguments: object, **more: object) -> object:
        raise AssertionError("it was graded again")

    address = course.config.CourseDirectory.db_url
    assert cli.main(["grade", str(course.root), "--student", "[abc]*"]) == 0
    monkeypatch.setattr(nbgrader_plugin, "grade_notebook", fail)
    assert cli.main(["grade", str(course.root), "--student", "[abc]*", "--nbgrader"]) == 0
    assert set(scores(address)) == {"ada", "ben", "chen"}
    monkeypatch.undo()
    assert cli.main(["grade", str(course.root), "--nbgrader"]) == 2  # one is unreadable
    expect_as_reported(course, address)
    page = (course.root / "autograded/ada/convolution/convolution.ipynb").read_text()
    assert "4 of 4 points" in page


def test_what_nbgrader_changes_is_graded_by_it_and_reported_so(course: Course) -> None:
    """A cell of the course's that a student edited is put back, and then it is other code."""

    def cheat(notebook: dict[str, object]) -> None:
        cells = json.loads(json.dumps(notebook["cells"]))
        for cell in cells:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "own-asserts":
                cell["source"] = "assert True"
        notebook["cells"] = cells

    course.submit("ben", cheat, answers={})
    assert cli.main(["grade", str(course.root), "--nbgrader"]) == 2
    assert scores(course.config.CourseDirectory.db_url)["ben"] == 0


def test_without_a_release_the_gradebook_is_asked_for_first(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    (course.root / "gradebook.db").unlink()
    command = ["grade", str(course.root), "--student", "ada", "--nbgrader"]
    assert cli.main(command) == 2
    said = capsys.readouterr().err
    assert "nbgrader generate_assignment --force convolution" in " ".join(said.split())
    assert "Traceback" not in said
    assert (course.root / "results/convolution/ada.json").exists()


def test_a_gradebook_that_is_locked_is_named_and_the_same_command_ends_it(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["grade", str(course.root), "--student", "ada", "--nbgrader"]
    holder = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    holder.execute("begin exclusive")
    try:
        assert cli.main(command) in (2, 3)
        assert "locked" in capsys.readouterr().err
    finally:
        holder.close()
    assert cli.main(command) == 0
    assert scores(course.config.CourseDirectory.db_url)["ada"] == 9.5


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a PostgreSQL server of the test's own, on a socket in its folder."""
    found = sorted(PROGRAMS.glob("*/bin"))
    assert found, "PostgreSQL is not installed (tools/system-packages installs it)"
    programs, folder = found[-1], tmp_path / "server"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    # It refuses to run as root.
    become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    become = [] if os.geteuid() else become
    for above in [tmp_path, *tmp_path.parents]:
        if above.stat().st_uid == os.geteuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o011)

    def run(*command: object) -> None:
        text = list(map(str, command))
        done = subprocess.run([*become, *text], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    data = folder / "data"
    run(programs / "initdb", "-D", data, "-U", "grader", "--auth=trust", "-E", "UTF8", "-N")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
    try:
        run(programs / "createdb", "-h", folder, "-U", "grader", "gradebook")
        yield f"postgresql+psycopg://grader@/gradebook?host={folder}"
    finally:
        run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def test_a_gradebook_on_postgresql_works_as_well(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = Course(tmp_path / "course", server)
    configure(course, server)
    course.submit("ada")
    course.submit("ben", answers={"same_padding-code": RIGHT})
    course.submit("chen", answers={})
    course.submit("dara", data=b"{")
    monkeypatch.chdir(course.root)
    assert cli.main(["grade", str(course.root), "--nbgrader"]) == 2  # one is unreadable
    expect_as_reported(course, server)
    assert not (course.root / "gradebook.db").exists()
