"""A course of one's own: begun, changed, audited, released and graded, by the commands."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder import cli
from autograder.authoring import skeleton

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "own-course"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "AUTOGRADER_COURSE"},
    "PYTHONPATH": str(ROOT),
    "COLUMNS": "200",
    "AUTOGRADER_SEED": "3",
}


def run(folder: Path, *words: str, code: int = 0) -> str:
    """Run ``autograder`` or ``nbgrader`` in ``folder``; what it said."""
    programs = {
        "autograder": [sys.executable, "-m", "autograder.cli"],
        "nbgrader": [sys.executable, "-m", "nbgrader"],
    }
    done = subprocess.run(
        [*programs[words[0]], *words[1:]],
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, f"{words}: {done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a new assignment and one of the kit, as the commands leave it."""
    folder = tmp_path_factory.mktemp("authoring")
    said = run(folder, "autograder", "new", "course", "my course!", "--with", "pooling")
    assert "cd my course!" in said
    course = folder / "my course!"
    said = run(course, "autograder", "new", "assignment", "row_means")
    for line in said.splitlines():
        if line.startswith("  ") and "/" in line:
            assert (course / line.split()[0]).exists(), line
    return course


@pytest.fixture
def course(begun: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(begun, tmp_path / "course"))


def with_cell(path: Path, name: str, source: str, to: Path) -> None:
    """A notebook with one cell replaced."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
            cell.source = source
    to.parent.mkdir(parents=True)
    nbformat.write(notebook, to)


def test_a_new_assignment_is_graded_from_end_to_end(course: Path) -> None:
    run(course, "nbgrader", "generate_assignment", "--force", "row_means")
    assert "up to date" in run(course, "autograder", "update", "--check")
    solution = course / "solutions/row_means/row_means.ipynb"
    for student, path in (
        ("ada", solution),
        ("ben", course / "assignments/row_means/row_means.ipynb"),
    ):
        (course / "submitted" / student / "row_means").mkdir(parents=True)
        shutil.copy(path, course / "submitted" / student / "row_means")
    wrong = "def row_means_vectorized(x):\n    return x.mean(axis=0)"
    target = course / "submitted/cleo/row_means/row_means.ipynb"
    with_cell(solution, "row_means_vectorized-code", wrong, target)
    run(course, "autograder", "grade", ".", "--nbgrader")
    reports = {
        path.stem: json.loads(path.read_text())
        for path in (course / "results" / "row_means").glob("*.json")
    }
    assert {name: (r["points"], r["max_points"]) for name, r in reports.items()} == {
        "ada": (10, 10),
        "ben": (0, 10),
        "cleo": (5, 10),
    }
    task = reports["cleo"]["tasks"][1]
    assert {check["mistake"] for check in task["checks"]} >= {"row_means.columns"}
    assert any(check["hidden"] for check in task["checks"])
    run(course, "nbgrader", "export")
    with (course / "grades.csv").open() as file:
        scores = {row["student_id"]: row["raw_score"] for row in csv.DictReader(file)}
    assert scores == {"ada": "10.0", "ben": "0.0", "cleo": "5.0"}


def test_a_new_assignment_passes_its_audit(course: Path) -> None:
    said = run(course, "autograder", "audit", "row_means")
    assert "8/8" in said
    # A mistake that no check can catch gets through, and the audit says so.
    module = course / "grading/mistakes/row_means.py"
    right = "@_mistake('row_means', 'none', 'nothing is wrong', 'None.')\n"
    right += "def _none(x: Array) -> Array:\n    return np.asarray(x.mean(axis=1))\n\n\nMISTAKES ="
    module.write_text(module.read_text().replace("MISTAKES =", right))
    said = run(course, "autograder", "audit", "row_means", "--kind", "mistake", code=1)
    assert "row_means_naive none" in " ".join(said.split())


def test_what_is_made_follows_its_source(course: Path) -> None:
    script = course / "solutions/row_means.py"
    script.write_text(script.read_text().replace('"points": 5', '"points": 9', 1))
    stale = run(course, "autograder", "update", "--check", code=1)
    assert "out of date: grading/suites/public/row_means.json" in stale
    assert "out of date: assignments/row_means/row_means.ipynb" in stale
    cases = course / "grading/mistakes/cases/row_means.py"
    cases.write_text(cases.read_text().replace('("shapes", 1, 4)', '("shapes", 1, 6)'))
    run(course, "autograder", "update")
    assert "up to date" in run(course, "autograder", "update", "--check")
    said = run(course, "autograder", "check", "solutions/row_means/row_means.ipynb")
    assert "14 of 14 points" in said
    cases.write_text(cases.read_text().replace('("shapes", 1, 6)', '("shapes", 1, 5)'))
    assert "out of date" in run(course, "autograder", "update", "--check", code=1)


def test_students_get_the_checks_of_the_course_and_nothing_else(course: Path) -> None:
    toml = course / "course.toml"
    toml.write_text(
        toml.read_text() + "\n[assignments.row_means.points]\nrow_means_naive = 2\n"
        "[assignments.pooling]\ntasks = ['max_pool_forward_naive']\n"
    )
    run(course, "autograder", "update")
    out = course.parent / "week-1"
    said = run(
        course, "autograder", "release", "row_means", "pooling", "--out", str(out),
        "--try", "borrowed",
    )  # fmt: skip
    assert "row_means_naive, max_pool_forward_naive" in said
    (wheel,) = out.glob("kit/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if "row_means" in name}
        assert names == {
            "autograder/suites/row_means.py",
            "autograder/suites/public/row_means.json",
            "autograder/suites/public/test_row_means.py",
            "autograder/suites/public/vectors/row_means.npz",
        }
        settings = archive.read("autograder/course.toml").decode()
        assert '"row_means_naive" = 2' in settings
    # What the course itself hides may not get out with a file that somebody adds.
    for room in ("suites/hidden/test_row_means.py", "mistakes/row_means.py"):
        shutil.copy(course / "grading" / room, out / f"{Path(room).parent.name}.py")
    said = run(
        course, "autograder", "release", "row_means", "--out", str(out), "--force", "--no-try",
        code=1,
    )  # fmt: skip
    assert "hidden.py: hidden check of grading/suites/hidden/test_row_means.py" in said
    assert "mistakes.py: known mistake of grading/mistakes/row_means.py" in said


def test_a_student_cannot_hand_in_a_course(course: Path) -> None:
    eve = course / "submitted/eve/row_means"
    eve.mkdir(parents=True)
    shutil.copy(course / "assignments/row_means/row_means.ipynb", eve)
    trap = course / "sprung"
    for folder in (eve, eve.parent):
        shutil.copytree(course / "grading", folder / "grading")
        (folder / "course.toml").write_text("name = 'eve'\n")
        for path in (folder / "grading").rglob("*.py"):
            path.write_text(f"open({str(trap)!r}, 'w')\n" + path.read_text())
    said = run(course, "autograder", "check", str(eve / "row_means.ipynb"), code=1)
    assert "0 of 10 points" in said
    run(course, "autograder", "grade", ".")
    elsewhere = ["--out", str(course / "out")]
    run(course.parent, "autograder", "grade", str(eve), *elsewhere, code=2)
    # nbgrader's configuration is a program, too.
    (eve / "nbgrader_config.py").write_text(f"open({str(trap)!r}, 'w')\n")
    for folder in (course, course.parent):
        said = run(folder, "autograder", "grade", str(eve), *elsewhere, code=2)
        assert "If it came with a submission" in " ".join(said.split())
    assert not trap.exists()


def test_a_task_whose_checks_are_not_here_is_not_graded(course: Path) -> None:
    """Its grade cell runs through for everybody, and that is worth nothing."""
    run(course, "nbgrader", "generate_assignment", "--force", "row_means")
    shutil.copytree(course / "assignments", course / "submitted" / "ben")
    (course / "course.toml").unlink()
    said = run(course, "nbgrader", "autograde", "row_means", code=1)
    assert "belongs to checks that are not here" in " ".join(said.split())
    assert not list((course / "autograded").rglob("*.ipynb"))


def test_nbgrader_finds_the_course_wherever_it_was_started(course: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from traitlets.config.loader import PyFileConfigLoader\n"
        "import autograder.suites.pooling, autograder.mistakes.catalogue\n"
        f"PyFileConfigLoader('nbgrader_config.py', path={str(course)!r}).load_config()\n"
        "from autograder.assignments import find\n"
        "import autograder.suites.row_means, autograder.reference.row_means\n"
        "print(len(find('row_means').tasks))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=course.parent, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "3\n", done.stderr


def test_a_course_is_graded_from_its_own_folder(course: Path) -> None:
    said = run(course.parent, "autograder", "grade", str(course), code=2)
    assert f"go to {course} and run the command there" in " ".join(said.split())


def test_a_wrong_setting_is_said_by_every_command(course: Path) -> None:
    (course / "course.toml").write_text("[limits]\nseconds = 3\n")
    for words in (("update",), ("grade", "."), ("audit",), ("check", "x.ipynb")):
        said = run(course, "autograder", *words, code=2)
        assert "course.toml, line 2: limits.seconds: there is no such key" in said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Row", "must be of small letters"),
        ("row-means", "must be of small letters"),
        ("lambda", "must be of small letters"),
        ("../x", "must be of small letters"),
        ("row_means", "there is an assignment row_means already"),
        ("convolution", "there is an assignment convolution already"),
        ("blocks", "the kit has a module blocks already"),
    ],
)
def test_a_name_that_cannot_be_is_refused(begun: Path, name: str, said: str) -> None:
    before = sorted(begun.rglob("*"))
    assert said in run(begun, "autograder", "new", "assignment", name, code=2)
    assert sorted(begun.rglob("*")) == before


def test_nothing_is_left_of_what_could_not_be_made(course: Path) -> None:
    (course / "solutions" / "row_means.py").write_text("# %%\ncheck('x'\n")
    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    folders = sorted(path for path in course.rglob("*") if path.is_dir())
    said = run(course, "autograder", "new", "assignment", "other", code=2)
    assert "'autograder update' failed" in said
    assert {path: path.read_bytes() for path in course.rglob("*") if path.is_file()} == before
    assert sorted(path for path in course.rglob("*") if path.is_dir()) == folders


def test_files_that_are_there_are_never_overwritten(course: Path) -> None:
    kept = course / "grading/variants/other/other_naive/sum_of_a_list.py"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine\n")
    said = run(course, "autograder", "new", "assignment", "other", code=2)
    assert "sum_of_a_list.py is there already; nothing was written" in " ".join(said.split())
    assert kept.read_text() == "mine\n"
    assert not (course / "solutions" / "other.py").exists()


def test_a_folder_that_cannot_be_written_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    files = {"there/a": b"a", "new/deep/b": b"b", "new/c": b"c"}
    opened = Path.open

    def full(self: Path, *given: object, **named: object) -> object:
        if self.name == "c":
            raise OSError(28, "No space left on device")
        return opened(self, *given, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="No space left on device"):
        skeleton.written(tmp_path, files)
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]


def test_a_course_needs_an_empty_folder_and_known_assignments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert cli.main(["new", "course", str(tmp_path / "full")]) == 2
    assert "is not empty; name a new folder" in " ".join(capsys.readouterr().err.split())
    assert cli.main(["new", "course", str(tmp_path / "new"), "--with", "pool"]) == 2
    assert "the kit has no assignment 'pool'" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    assert cli.main(["new", "course", str(tmp_path / "new"), "--with", "all"]) == 0
    assert len(list((tmp_path / "new" / "solutions").iterdir())) == 4


def test_outside_of_a_course_there_is_nothing_to_add_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["new", "assignment", "other"], ["update"]):
        assert cli.main(words) == 2
        assert "autograder new course DIR" in " ".join(capsys.readouterr().err.split())


def test_the_example_on_something_else_is_right() -> None:
    """Nothing here knows of neighbours, and every mistake is caught and named."""
    assert "up to date" in run(EXAMPLE, "autograder", "update", "--check")
    said = run(EXAMPLE, "autograder", "audit")
    total = next(line for line in said.splitlines() if "│ all " in line)
    caught, named, fresh, *_, fails, slow = (cell.strip() for cell in total.split("│")[2:-1])
    assert caught == named == "19/19"
    assert len({*fresh.split("/")}) == 1
    assert (fails, slow) == ("0/5", "1/1")
    page = "\n".join(path.read_text() for path in ROOT.glob("autograder/**/*.py"))
    assert "nearest_labels" not in page
