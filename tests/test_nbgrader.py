"""nbgrader with our grader inside, on a course with a gradebook of its own."""

from __future__ import annotations

import copy
import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from autograder import nbgrader_plugin
from autograder.nbgrader_plugin import configure
from autograder.report import Report

RIGHT = {
    "conv_output_size-code": """def conv_output_size(size, kernel, stride=1, pad=0):
    room = size + 2 * pad - kernel
    if room < 0 or room % stride:
        raise ValueError
    return room // stride + 1""",
    "same_padding-code": """def same_padding(kernel):
    if kernel % 2 == 0:
        raise ValueError
    return kernel // 2""",
    "written_filters": "Edges.",
}
OWN = "own-asserts", "assert same_padding(3) == 1"
PARTIAL = "own-partial", "0.5 if same_padding(5) == 2 else 0"


def _cell(name: str, source: str, points: float | None = None, **more: Any) -> Any:
    make = new_markdown_cell if name.startswith("written") else new_code_cell
    cell = make(source, id=name)
    solution = name.endswith("-code") or name.startswith("written")
    cell.metadata["nbgrader"] = {
        "grade_id": name,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
        "schema_version": 3,
        **({"points": points} if points is not None else {}),
    }
    return cell


def source_notebook() -> Any:
    cells = [new_code_cell("from autograder import check", id="setup")]
    for task, points in (("conv_output_size", 4), ("same_padding", 2)):
        text = f"def {task}(*a):\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION"
        cells += [_cell(f"{task}-code", text), _cell(task, f'check("{task}")', points)]
    cells += [_cell(*OWN, 3), _cell(*PARTIAL, 1), _cell("written_filters", "Your answer.", 5)]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {
        "name": "python3", "display_name": "Python 3", "language": "python",
    }  # fmt: skip
    return notebook


class Course:
    """A course in a folder of its own."""

    def __init__(self, root: Path, address: str = "") -> None:
        self.root = root
        config = Config()
        config.CourseDirectory.root = str(root)
        config.CourseDirectory.course_id = "test"
        config.CourseDirectory.db_url = address or f"sqlite:///{root}/gradebook.db"
        config.Exchange.root = str(root / "exchange")
        configure(config)
        self.config = config
        self.api = NbGraderAPI(config=config)
        folder = root / "source" / "convolution"
        folder.mkdir(parents=True)
        nbformat.write(source_notebook(), folder / "convolution.ipynb")
        result = self.api.generate_assignment("convolution")
        assert result["success"], result["log"]
        self.release = json.loads((root / "release/convolution/convolution.ipynb").read_text())

    def submit(
        self,
        student: str,
        change: Callable[[dict[str, Any]], None] | None = None,
        answers: dict[str, str] | None = None,
        name: str = "convolution.ipynb",
        data: bytes | None = None,
    ) -> None:
        notebook = copy.deepcopy(self.release)
        for cell in notebook["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = (RIGHT if answers is None else answers).get(grade_id, cell["source"])
        if change is not None:
            change(notebook)
        folder = self.root / "submitted" / student / "convolution"
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.ipynb"):
            old.unlink()
        (folder / name).write_bytes(data if data is not None else json.dumps(notebook).encode())

    def autograde(self, student: str, success: bool = True) -> dict[str, float | None]:
        result = self.api.autograde("convolution", student, force=True)
        assert result["success"] is success, result["log"]
        return self.scores(student)

    def scores(self, student: str) -> dict[str, float | None]:
        with self.gradebook() as gradebook:
            notebook = gradebook.find_submission_notebook("convolution", "convolution", student)
            return {grade.name: grade.auto_score for grade in notebook.grades}

    def gradebook(self) -> Gradebook:
        return Gradebook(self.config.CourseDirectory.db_url)

    def report(self, student: str) -> Report:
        path = self.root / "autograded" / student / "convolution" / "convolution.report.json"
        return Report.from_json(path.read_text())


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("course"))


FULL = {
    "conv_output_size": 4,
    "same_padding": 2,
    "own-asserts": 3,
    "own-partial": 0.5,
    "written_filters": None,
}
NOTHING = {**dict.fromkeys(FULL, 0), "written_filters": None}


def test_a_correct_submission(course: Course) -> None:
    course.submit("ada")
    assert course.autograde("ada") == FULL
    report = course.report("ada")
    assert (report.points, report.max_points, report.status) == (6, 6, "graded")
    with course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook("convolution", "convolution", "ada")
        manual = {grade.name: grade.needs_manual_grade for grade in notebook.grades}
    assert manual == {**dict.fromkeys(FULL, False), "written_filters": True}


def test_an_untouched_submission(course: Course) -> None:
    course.submit("bea", answers={})
    assert course.autograde("bea") == {**NOTHING, "written_filters": 0}


def graded_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]


def _skip(notebook: dict[str, Any]) -> None:
    for cell in graded_cells(notebook):
        cell["metadata"]["tags"] = ["skip-execution", "experiment"]


def _silence(notebook: dict[str, Any]) -> None:
    for cell in graded_cells(notebook):
        if cell["cell_type"] == "code":
            cell["source"] = ""


def _print_points(notebook: dict[str, Any]) -> None:
    for cell in graded_cells(notebook):
        cell["metadata"]["nbgrader"].update(points=1000, locked=False)
        if cell["cell_type"] == "code":
            cell["source"] = "1000"
            cell["outputs"] = [
                {"output_type": "execute_result", "metadata": {}, "execution_count": 1,
                 "data": {"text/plain": "1000"}}
            ]  # fmt: skip


def _delete(notebook: dict[str, Any]) -> None:
    for cell in graded_cells(notebook):
        if cell["cell_type"] == "code":
            notebook["cells"].remove(cell)


def _double(notebook: dict[str, Any]) -> None:
    for cell in graded_cells(notebook):
        if cell["cell_type"] == "code":
            notebook["cells"].append({**cell, "id": cell["id"] + "2", "source": "1000"})


def _bend(notebook: dict[str, Any]) -> None:
    notebook["cells"].insert(
        1,
        {
            "cell_type": "code",
            "id": "bend",
            "metadata": {},
            "outputs": [],
            "execution_count": 1,
            "source": "import sys\nsys.displayhook = lambda v: print(1000)\n"
            "sys.stderr.write('noise')\nraise SystemExit(0)",
        },
    )


@pytest.mark.parametrize("attack", [_skip, _silence, _print_points, _delete, _double, _bend])
def test_nothing_in_a_submission_sets_a_score(
    course: Course, attack: Callable[[dict[str, Any]], None]
) -> None:
    course.submit("mal", attack, answers={})
    assert course.autograde("mal") == {**NOTHING, "written_filters": 0}


@pytest.mark.parametrize("attack", [_skip, _silence, _print_points, _delete, _double, _bend])
def test_nor_does_it_harm_what_is_right(
    course: Course, attack: Callable[[dict[str, Any]], None]
) -> None:
    course.submit("odd", attack)
    assert course.autograde("odd") == FULL


def test_a_resubmission_that_crashes_loses_its_old_grade(course: Course) -> None:
    course.submit("cai")
    assert course.autograde("cai") == FULL
    course.submit("cai", answers={"conv_output_size-code": "import os\nos._exit(0)"})
    assert course.autograde("cai")["conv_output_size"] == 0


def test_what_a_person_wrote_survives_a_regrade(course: Course) -> None:
    course.submit("dov")
    course.autograde("dov")
    with course.gradebook() as gradebook:
        where = ("written_filters", "convolution", "convolution", "dov")
        gradebook.find_grade(*where).manual_score = 4
        gradebook.find_grade("same_padding", *where[1:]).manual_score = 1
        gradebook.find_comment(*where).manual_comment = "Nearly."
        gradebook.db.commit()
    course.autograde("dov")
    with course.gradebook() as gradebook:
        assert gradebook.find_grade(*where).score == 4
        again = gradebook.find_grade("same_padding", *where[1:])
        assert (again.score, again.auto_score, again.needs_manual_grade) == (1, 2, True)
        assert gradebook.find_comment(*where).comment == "Nearly."


def test_a_late_submission_is_recorded_as_late(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment("convolution", duedate="2026-01-01 00:00:00")
    course.submit("eve")
    stamp = course.root / "submitted" / "eve" / "convolution" / "timestamp.txt"
    stamp.write_text("2026-01-02 00:00:00 UTC")
    assert course.autograde("eve") == FULL
    with course.gradebook() as gradebook:
        assert gradebook.find_submission("convolution", "eve").total_seconds_late == 86_400


def test_a_renamed_file_is_found(course: Course) -> None:
    course.submit("fay", name="my convolution (3).ipynb")
    assert course.autograde("fay") == FULL


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"a":' * 99_999, b'{"nbformat": 4, "nbformat": 4}', b"\xff\x00"]
)
def test_an_unreadable_file_is_zero_with_a_notice(course: Course, data: bytes) -> None:
    course.submit("guy", data=data)
    assert course.autograde("guy") == {**NOTHING, "written_filters": 0}
    assert course.report("guy").status == "unreadable"
    graded = (course.root / "autograded/guy/convolution/convolution.ipynb").read_text()
    assert "could not be read" in graded


def test_a_fault_of_ours_is_never_a_zero(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    course.submit("hal")
    assert course.autograde("hal") == FULL

    def broken(*_: Any, **__: Any) -> tuple[Report, dict[int, Any]]:
        return Report("convolution", "hal", "not graded", "", 0, 0, message="no memory"), {}

    monkeypatch.setattr(nbgrader_plugin, "grade_notebook", broken)
    assert course.autograde("hal", success=False) == FULL


def test_feedback_shows_the_report_and_runs_nothing(course: Course) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    wrong = "def same_padding(kernel):\n    return kernel - 1\nprint('" + evil + "')"
    course.submit("ida", answers={**RIGHT, "same_padding-code": wrong, "written_filters": evil})
    course.autograde("ida")
    result = course.api.generate_feedback("convolution", "ida")
    assert result["success"], result["log"]
    page = (course.root / "feedback/ida/convolution/convolution.html").read_text()
    assert "exactly what you get when" in page
    assert "<script>alert" not in page
    assert "onerror=alert" not in page.replace("&lt;img src=x onerror=alert", "")


def test_another_assignments_notebook_is_zero(course: Course) -> None:
    other = new_notebook(cells=[new_code_cell("1 + 1")])
    course.submit("jim", data=nbformat.writes(other).encode())
    assert course.autograde("jim") == {**NOTHING, "written_filters": 0}


def test_the_table_has_points_by_task_and_survives_names(course: Course) -> None:
    course.submit("kay")
    course.autograde("kay")
    with course.gradebook() as gradebook:
        gradebook.update_or_create_student("kay", last_name='O"Neil, Jr.', first_name="=1+1")
        nbgrader_plugin.TaskTable(to=str(course.root / "grades.csv")).export(gradebook)
    with (course.root / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    kay = rows["kay"]
    assert (kay["last_name"], kay["first_name"]) == ('O"Neil, Jr.', "'=1+1")
    assert (kay["conv_output_size"], kay["own-partial"], kay["written_filters"]) == (
        "4.0",
        "0.5",
        "",
    )
    assert (kay["score"], kay["max_score"]) == ("9.5", "15.0")


@pytest.mark.parametrize(("answers", "says"), [(RIGHT, "Success"), ({}, "FAILED ON")])
def test_validate_works(course: Course, answers: dict[str, str], says: str) -> None:
    course.submit("leo", answers=answers)
    path = course.root / "submitted/leo/convolution/convolution.ipynb"
    if answers:  # a cell of half its points is not a success, so it is left out
        notebook = json.loads(path.read_text())
        cells = notebook["cells"]
        notebook["cells"] = [c for c in cells if c["id"] != "own-partial"]
        path.write_text(json.dumps(notebook))
    command = [sys.executable, "-m", "nbgrader", "validate", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=course.root)
    assert says in done.stdout, done.stdout + done.stderr


def test_the_seed_can_be_configured() -> None:
    config = Config({"GradeInSandbox": {"seed": 42}})
    assert nbgrader_plugin.GradeInSandbox(config=config).seed == 42
    assert nbgrader_plugin.GradeInSandbox().seed is None
