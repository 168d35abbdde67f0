"""CI as others run it: the steps of workflows and templates are executed here, on repositories that
the tests make, and the files are held to their schemas.

What cannot be had here is GitHub, GitLab and Docker themselves; docs/ci.md says so.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt
from packaging.requirements import Requirement

from autograder import cli
from autograder.assignments import find
from autograder.exports.classroom import classroom
from autograder.report import CheckReport, Report, TaskReport
from autograder.studentedition import checkout
from warm_commands import program, waiting

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "tools" / "ci").iterdir())
ENTRY = ROOT / "templates" / "docker" / "entry"
WORKFLOWS = sorted(
    [
        *(ROOT / ".github" / "workflows").glob("*.yml"),
        *(ROOT / "templates").glob("*/.github/workflows/*.yml"),
    ]
)
GITLAB = [ROOT / "templates/gitlab" / name for name in (".gitlab-ci.yml", "course.gitlab-ci.yml")]
SEED = "8374650192837465"
HOSTILE = "a b;$(touch x)`touch y`.ipynb"


@dataclass(frozen=True)
class Ran:
    """A step that was executed: its exit code, its output, and what it wrote for GitHub."""

    code: int
    out: str
    err: str
    folder: Path
    summary: str = ""
    outputs: Mapping[str, str] | None = None

    @property
    def annotations(self) -> list[dict[str, str]]:
        """The properties of each error, and its message."""
        found = re.findall(r"^::error ([^\n]*?)::([^\n]*)$", self.out, re.MULTILINE)
        return [
            {**dict(entry.split("=", 1) for entry in said.split(",")), "message": message}
            for said, message in found
        ]


def command_of(kit: Path, path: Path) -> Path:
    """The command ``autograder`` of the kit in a folder, whatever is installed; it is ``path``."""
    start = "import sys; from autograder.cli import main; sys.exit(main())"
    # What a script forgets to take out of the environment must be seen to do harm.
    python = (
        f'PYTHONPATH="{kit}${{PYTHONPATH:+:$PYTHONPATH}}" exec "{sys.executable}" -P -c "{start}"'
    )
    path.write_text(f'#!/bin/sh\n{python} "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def real_command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of this clone."""
    return command_of(ROOT, tmp_path_factory.mktemp("bin") / "autograder")


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same, with its imports done."""
    folder = tmp_path_factory.mktemp("warm")
    with waiting(folder, {**os.environ, "PYTHONPATH": str(ROOT)}) as address:
        yield program(folder / "autograder", address, "autograder")


@pytest.fixture(scope="module")
def handed_in(
    example_class: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Notebooks on pooling: one that is right, one that is wrong, one that is no JSON."""
    folder = tmp_path_factory.mktemp("class")
    built = {path.parent.parent.name: path for path in example_class.build(folder, ROOT, "pooling")}
    damaged = folder / "damaged.ipynb"
    damaged.write_text(built["ada"].read_text()[:5000])
    return {"right": built["ada"], "wrong": built["jon"], "damaged": damaged}


def repository(folder: Path, files: Mapping[str, str | Path]) -> Path:
    """A git repository with these files."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read_bytes() if isinstance(content, Path) else content.encode())
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@school.invalid"]
    for arguments in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "First half"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return folder


def bare_environment(command: Path, home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "AUTOGRADER": str(command)}


def ran(step: list[str] | str, folder: Path, environment: Mapping[str, str]) -> Ran:
    """Execute ``step`` in ``folder``; a text is a line of the shell, as CI systems run it."""
    line = ["sh", "-e", "-c", step] if isinstance(step, str) else step
    done = subprocess.run(
        line, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr, folder)


def loaded(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(path.read_text())
    return data


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    for job in loaded(workflow)["jobs"].values():
        yield from job.get("steps", ())


def github_step(
    workflow: str, step: str, workspace: Path, command: Path, **inputs: str
) -> tuple[str, dict[str, str]]:
    """The ``run`` of one step, and its environment with ``inputs`` and secrets filled in."""
    found = next(s for s in steps(ROOT / ".github/workflows" / workflow) if s.get("name") == step)
    values = {
        "inputs.notebooks": inputs.get("notebooks", "."),
        "inputs.folder": inputs.get("folder", "submitted"),
        "inputs.fail-under": inputs.get("fail_under", ""),
        "inputs.artifact && 'artifact' || 'course'": "course",
        "secrets.AUTOGRADER_SEED": SEED,
        "github.event.repository.private": inputs.get("private", "true"),
    }
    environment = bare_environment(command, workspace)
    for name, value in found["env"].items():
        environment[name] = re.sub(r"\$\{\{ (.*?) \}\}", lambda m: values[m[1]], value)
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        environment[name] = str(workspace / name.lower())
        (workspace / name.lower()).touch()
    environment |= {"GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_WORKSPACE": str(workspace)}
    (workspace / "kit").symlink_to(ROOT)
    return found["run"], environment


def in_github(
    workflow: str, step: str, workspace: Path, command: Path, *, also: Mapping[str, str] = {},
    **inputs: str,
) -> Ran:  # fmt: skip
    line, environment = github_step(workflow, step, workspace, command, **inputs)
    done = ran(line, workspace, {**environment, **also})
    outputs = (workspace / "github_output").read_text().splitlines()
    return Ran(
        done.code, done.out, done.err, workspace, (workspace / "github_step_summary").read_text(),
        dict(entry.split("=", 1) for entry in outputs),
    )  # fmt: skip


def checked(workspace: Path, command: Path, **more: Any) -> Ran:
    """The step of ``check-submission.yml`` on ``workspace/submission``."""
    return in_github("check-submission.yml", "Check", workspace, command, **more)


# Checking a student's repository


@pytest.fixture(scope="module")
def wrong(
    tmp_path_factory: pytest.TempPathFactory, command: Path, handed_in: dict[str, Path]
) -> Ran:
    """A repository whose one notebook is wrong in one task."""
    workspace = tmp_path_factory.mktemp("wrong")
    repository(workspace / "submission", {"work/pooling.ipynb": handed_in["wrong"]})
    return checked(workspace, command)


def test_annotations_stand_at_the_lines_of_functions(wrong: Ran) -> None:
    assert wrong.code == 1, wrong.out + wrong.err
    assert wrong.annotations
    for entry in wrong.annotations:
        path = wrong.folder / "submission" / entry["file"]
        task = entry["title"].partition("%3A")[0]
        lines = path.read_text().split("\n")
        assert f"def {task}(" in lines[int(entry["line"]) - 1]
        assert entry["message"]


def test_the_summary_is_markdown_with_the_points(wrong: Ran) -> None:
    report = Report.from_json(
        (wrong.folder / "autograder-reports" / "1" / "report.json").read_text()
    )
    assert not report.hidden_checks
    assert f"**{report.points:g} of {report.max_points:g} points** by the public" in wrong.summary
    kinds = [token.type for token in MarkdownIt("commonmark").enable("table").parse(wrong.summary)]
    assert "table_open" in kinds
    assert "heading_open" in kinds
    assert "html_block" not in kinds


def test_classroom_gets_its_points(wrong: Ran) -> None:
    assert wrong.outputs is not None
    result = json.loads(base64.b64decode(wrong.outputs["result"], validate=True))
    score = sum(test["score"] for test in result["tests"])
    assert (result["version"], result["status"]) == (1, "fail")
    assert 0 < score < result["max_score"]
    assert float(wrong.outputs["points"]) == pytest.approx(score)
    assert float(wrong.outputs["max-points"]) == result["max_score"]
    (said,) = re.findall(r"^::notice title=Autograding report::(.*)$", wrong.out, re.MULTILINE)
    assert json.loads(said) == {"totalPoints": score, "maxPoints": result["max_score"]}
    (said,) = re.findall(r"^::notice title=Autograding complete::(.*)$", wrong.out, re.MULTILINE)
    assert said == f"Points {score:g}/{result['max_score']:g}"


def test_a_right_notebook_is_green_whatever_lies_beside_it(
    tmp_path: Path, real_command: Path, handed_in: dict[str, Path]
) -> None:
    """Nothing of the repository is run, and the names of its files are no commands."""
    trap = tmp_path / "sprung"
    code = f"open({str(trap)!r}, 'a').write(__file__)\nraise SystemExit(0)\n"
    names = ["conftest", "sitecustomize", "usercustomize", "numpy", "autograder", "pytest", "json"]
    names += ["nbgrader_config", "work/numpy", "work/conftest"]
    submission = repository(
        tmp_path / "submission",
        {
            **{f"{name}.py": code for name in names},
            f"work/{HOSTILE}": handed_in["right"],
            "pytest.ini": "[pytest]\naddopts = --collect-only\n",
            "work/matplotlibrc": "backend: nonsense\n",
            "autograder-reports/report.json": "{}",
            ".hidden/broken.ipynb": "{",
        },
    )
    (submission / "round").symlink_to(submission)
    (submission / "password.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(submission / "pipe.ipynb")
    also = {
        "PYTHONPATH": str(submission),
        "PYTHONSTARTUP": str(submission / "conftest.py"),
        "PYTEST_ADDOPTS": "--collect-only",
        "PYTEST_PLUGINS": "conftest",
    }
    before = sorted(submission.rglob("*"))
    done = checked(tmp_path, real_command, also=also)
    assert done.code == 0, done.out + done.err
    assert not trap.exists()
    assert sorted(submission.rglob("*")) == before
    assert not list(tmp_path.rglob("[xy]"))
    assert done.annotations == []
    assert done.outputs is not None
    assert done.outputs["points"] == done.outputs["max-points"] != ""
    assert json.loads(base64.b64decode(done.outputs["result"]))["status"] == "pass"
    # The next push of the same runner finds what the last one left.
    assert (tmp_path / "autograder-reports" / "junit.xml").is_file()


NAMES = (
    HOSTILE,
    "-rf.ipynb",
    "two\nlines\n::error::no.ipynb",
    "%0A::error::x,y:z*'\"\\.ipynb",
    "ünï\u202ecode.ipynb",
)


def test_files_with_hostile_names_are_only_files(
    tmp_path: Path, command: Path, handed_in: dict[str, Path]
) -> None:
    submission = repository(tmp_path / "submission", dict.fromkeys(NAMES, "{}"))
    before = sorted(submission.rglob("*"))
    done = checked(tmp_path, command)
    assert done.code == 2, done.out + done.err
    assert sorted(submission.rglob("*")) == before
    assert not list(tmp_path.rglob("[xy]"))
    reports = sorted((tmp_path / "autograder-reports").glob("*/report.json"))
    assert len(reports) == len(NAMES)
    assert all(Report.from_json(path.read_text()).status == "unreadable" for path in reports)
    # A line for each, whatever the name holds, and no other command for the runner.
    heeded = [line for line in done.out.splitlines() if line.lstrip().startswith("::")]
    assert len(heeded) == len(NAMES)
    assert all(line.startswith("::error file=") for line in heeded)
    assert "##[" not in done.out


def test_a_damaged_notebook_is_exit_2_and_says_where(
    tmp_path: Path, command: Path, handed_in: dict[str, Path]
) -> None:
    damaged = handed_in["damaged"]
    repository(tmp_path / "submission", {"pooling.ipynb": damaged})
    done = checked(tmp_path, command, notebooks="pooling.ipynb")
    assert done.code == 2, done.out + done.err
    (entry,) = done.annotations
    assert (entry["file"], entry["title"]) == ("pooling.ipynb", "unreadable")
    assert "JSON" in entry["message"]
    assert "unreadable" in done.summary
    assert done.outputs is not None
    assert done.outputs["points"] == ""


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("..", "inside of the repository"),
        ("work/../../x", "inside of the repository"),
        ("/etc/passwd", "inside of the repository"),
        ("nowhere.ipynb", "there is no notebook"),
        ("work", "there is no notebook"),
        ("link", "there is no notebook"),
    ],
)
def test_a_wrong_place_is_exit_2(where: str, says: str, tmp_path: Path, command: Path) -> None:
    submission = repository(tmp_path / "submission", {"work/README.md": "Hello\n"})
    (submission / "link").symlink_to("/etc")
    done = checked(tmp_path, command, notebooks=where)
    assert (done.code, len(done.annotations)) == (2, 1)
    assert says in done.annotations[0]["message"]
    assert done.outputs == {}


def test_two_notebooks_of_one_assignment_are_not_added_up(
    tmp_path: Path, command: Path, handed_in: dict[str, Path]
) -> None:
    """A stand-in for the command gives the report on the first for both, so it is quick."""
    repository(tmp_path / "submission", {"one.ipynb": "{}", "two.ipynb": "{}"})
    (tmp_path / "report.json").write_text(small_report().to_json())
    command = stand_in(tmp_path, command, f'cat "{tmp_path}/report.json"; exit 1')
    done = checked(tmp_path, command)
    assert done.code == 2, done.out + done.err
    assert "several notebooks of pooling" in done.err
    assert done.outputs == {}


@pytest.mark.parametrize("leaves_report", [False, True])
def test_a_fault_of_ours_gives_no_points(
    leaves_report: bool, tmp_path: Path, command: Path
) -> None:
    repository(tmp_path / "submission", {"pooling.ipynb": "{}"})
    report = small_report(status="not graded", message="the worker did not start", points=0.0)
    (tmp_path / "report.json").write_text(report.to_json() if leaves_report else "")
    said = "echo '::add-mask::x' >&2; "
    command = stand_in(tmp_path, command, f'{said}cat "{tmp_path}/report.json"; exit 3')
    done = checked(tmp_path, command)
    assert done.code == 3, done.out + done.err
    assert done.outputs == {}
    assert "Autograding report" not in done.out
    if not leaves_report:
        assert "no fault of yours" in done.annotations[0]["message"]
        stopped = re.search(r"^::stop-commands::(\w{32})\n(.*)^::\1::$", done.out, re.M | re.S)
        assert stopped is not None
        assert "::add-mask::x" in stopped[2]


def stand_in(folder: Path, command: Path, check: str) -> Path:
    """A command whose ``check`` is a line of the shell, and all else is the real one."""
    path = folder / "stand-in"
    path.write_text(f'#!/bin/sh\nif [ "$1" = check ]; then {check}; fi\nexec "{command}" "$@"\n')
    path.chmod(0o755)
    return path


def small_report(**more: Any) -> Report:
    checks = (CheckReport("basic", "a single image", "failed", False, 0.0, 1.0, message="no"),)
    tasks = (TaskReport("pool_cost", "Cost", 0.5, 1.5, checks),)
    data: dict[str, Any] = {
        "assignment": "pooling", "student": "ada", "status": "graded", "isolation": "landlock",
        "points": 0.5, "max_points": 1.5, "tasks": tasks,
    }  # fmt: skip
    return Report(**{**data, **more})


def test_a_folder_of_somebody_elses_is_not_removed(tmp_path: Path, command: Path) -> None:
    repository(tmp_path / "submission", {"pooling.ipynb": "{}"})
    kept = tmp_path / "autograder-reports" / "thesis.txt"
    kept.parent.mkdir()
    kept.write_text("years of work")
    done = checked(tmp_path, command)
    assert done.code == 2
    assert "no earlier run made it" in done.annotations[0]["message"]
    assert kept.read_text() == "years of work"


def test_a_second_run_takes_the_place_of_the_first(tmp_path: Path, command: Path) -> None:
    submission = repository(tmp_path / "submission", {"a.ipynb": "{}", "b.ipynb": "{}"})
    (tmp_path / "report.json").write_text(small_report(status="not graded").to_json())
    command = stand_in(tmp_path, command, f'cat "{tmp_path}/report.json"; exit 3')
    environment = {**bare_environment(command, tmp_path), "AUTOGRADER_REPORTS": "out"}
    script = [str(ROOT / "tools/ci/check-submission"), str(submission)]
    assert ran(script, tmp_path, environment).code == 3
    assert (tmp_path / "out" / "2" / "report.json").exists()
    assert ran([*script, "b.ipynb"], tmp_path, environment).code == 3
    assert not (tmp_path / "out" / "2").exists()


# The points


def test_points_are_the_sum_of_all_assignments() -> None:
    full = small_report(
        assignment="convolution", points=2.0, max_points=2.0,
        tasks=(TaskReport("conv", "Conv", 2.0, 2.0,
                          (CheckReport("basic", "t", "passed", False, 2.0, 2.0),)),),
    )  # fmt: skip
    both = json.loads(classroom([small_report(), full], {}))
    assert [(t["name"], t["status"], t["score"]) for t in both["tests"]] == [
        ("pooling: pool_cost", "fail", 0.5),
        ("convolution: conv", "pass", 2),
    ]
    assert (both["max_score"], both["status"]) == (3.5, "fail")
    assert json.loads(classroom([full], {}))["status"] == "pass"
    notices = classroom([small_report(), full], {}, form="notices").splitlines()
    assert notices == [
        "::notice title=Autograding complete::Points 2.5/3.5",
        '::notice title=Autograding report::{"totalPoints":2.5,"maxPoints":3.5}',
    ]


def test_no_text_of_a_student_is_in_what_the_action_prints() -> None:
    bad = small_report(
        student="\n::error::no", status="unreadable", assignment="", message="\n::error::no",
        points=0.0, max_points=0.0, tasks=(),
    )  # fmt: skip
    text = classroom([bad], {})
    assert "::" not in text
    assert json.loads(text)["tests"][0]["status"] == "error"
    assert classroom([bad], {}, form="notices") == ""
    told = CheckReport("basic", "title", "failed", False, 0.0, 1.0, message="\n::error::no")
    text = classroom([small_report(tasks=(TaskReport("t", "T", 0.0, 1.0, (told,)),))], {})
    assert "::" not in text


def test_what_was_not_graded_has_no_points() -> None:
    with pytest.raises(ValueError, match="was not graded: no worker"):
        classroom([small_report(status="not graded", message="no worker")], {})


# Grading a class

SPY = """\
import os
print("the environment:", dict(os.environ))
def pool_output_size(*a, **k):
    print(open("/proc/self/environ").read())
"""


@pytest.fixture(scope="module")
def course(
    tmp_path_factory: pytest.TempPathFactory, real_command: Path, handed_in: dict[str, Path]
) -> Ran:
    """The template of a course with three who handed in, graded by the step of its workflow."""
    workspace = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "templates" / "course", workspace / "course")
    submitted = workspace / "course" / "submitted"
    spying = json.loads(handed_in["wrong"].read_text())
    spying["cells"].insert(
        0,
        {"cell_type": "code", "id": "spy", "metadata": {}, "outputs": [], "source": SPY,
         "execution_count": None},
    )  # fmt: skip
    for name, content in {
        "ada": json.dumps(spying),
        "bo ::error::x": "{",
    }.items():
        path = submitted / name / "pooling" / "pooling.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(content)
    (submitted / "ada" / "pooling" / "numpy.py").write_text("raise SystemExit(0)\n")
    return in_github("grade-class.yml", "Grade", workspace, real_command, fail_under="10")


def test_a_class_is_graded_with_hidden_checks(course: Ran) -> None:
    assert course.code == 2, course.out + course.err
    graded = course.folder / "graded"
    report = Report.from_json((graded / "results" / "pooling" / "ada.json").read_text())
    assert report.hidden_checks
    assert report.isolation in ("bubblewrap", "landlock")
    assert "could not be read" in course.annotations[0]["message"]
    assert "| `ada` | pooling | graded |" in course.summary
    for name in ("results/grades.csv", "report/index.html", "junit.xml", "log.txt"):
        assert (graded / name).stat().st_size > 0, name
    assert not [path for path in (graded / "results").rglob(".*") if path.is_file()]


def test_the_log_of_a_class_names_nobody(course: Ran) -> None:
    for name in ("ada", "bo"):
        assert not re.search(rf"\b{name}\b", course.out + course.err)


def test_the_seed_is_nowhere(course: Ran) -> None:
    """The submission saw its environment, and wrote it down; the course's secret was not in it."""
    outputs = course.folder / "graded" / "results" / "pooling" / "outputs" / "ada.json.gz"
    assert "the environment:" in gzip.decompress(outputs.read_bytes()).decode()
    assert SEED not in course.out + course.err
    files = [path for path in course.folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        assert SEED.encode() not in data, path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"AUTOGRADER_SEED": ""}, "there is no secret seed"),
        ({"AUTOGRADER_SEED": "my password"}, "must be a whole number"),
        ({"REPOSITORY_IS_PRIVATE": "false"}, "this repository is public"),
        ({"REPOSITORY_IS_PRIVATE": ""}, "there is none of that name"),
        ({"FOLDER": "nowhere"}, "there is none of that name"),
        ({"FOLDER": "$(touch x)"}, "there is none of that name"),
    ],
)
def test_a_class_is_not_graded_by_mistake(
    change: dict[str, str], says: str, tmp_path: Path, command: Path
) -> None:
    (tmp_path / "course").mkdir()
    done = in_github("grade-class.yml", "Grade", tmp_path, command, also=change)
    assert (done.code, len(done.annotations)) == (2, 1)
    assert says in done.annotations[0]["message"]
    assert "password" not in done.out + done.err
    assert not (tmp_path / "graded").exists()
    assert not (tmp_path / "x").exists()


def test_a_class_without_submissions_says_so(tmp_path: Path, command: Path) -> None:
    (tmp_path / "course" / "submitted").mkdir(parents=True)
    done = in_github("grade-class.yml", "Grade", tmp_path, command)
    assert done.code == 2
    assert "nothing was graded" in done.annotations[0]["message"]
    assert "there is no notebook" in done.out


# The student edition


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("edition") / "kit"
    environment = {"PATH": os.environ["PATH"], "AUTOGRADER_PYTHON": sys.executable}
    done = ran([str(ROOT / "tools/ci/student-edition"), str(out)], ROOT, environment)
    assert done.code == 0, done.err
    return out


def test_the_student_edition_lacks_what_students_do_not_get(edition: Path) -> None:
    kept = {str(path.relative_to(edition)) for path in edition.rglob("*") if path.is_file()}
    assert "autograder/cli.py" in kept
    assert "tools/make-venv" in kept
    assert ".github/workflows/check-submission.yml" in kept
    assert len([name for name in kept if name.startswith(".github/")]) == 1
    away = ["reference/", "mistakes/", "hidden/", "audit/", "authoring/", "classreport/"]
    away += ["variants/"]
    away += ["solutions/", "examples/", "tests/", ".git/"]
    assert [name for name in kept if any(f"/{part}" in f"/{name}" for part in away)] == []


def test_what_leaks_into_the_student_edition_is_found(
    edition: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = {
        "docs/more.md": "solutions/pooling.py",
        "autograder/exports/more.py": "autograder/suites/hidden/test_pooling.py",
        "tools/more.py": "autograder/variants/convolution/conv_forward_vectorized/fourier.py",
        "autograder/audit/page.py": "LICENSE",
    }
    copy = tmp_path / "kit"
    shutil.copytree(edition, copy)
    for path, source in planted.items():
        (copy / path).parent.mkdir(exist_ok=True)
        (copy / path).write_text((ROOT / source).read_text())
    assert checkout.main([str(copy)]) == 1
    found = {line.partition(":")[0] for line in capsys.readouterr().err.splitlines()}
    assert set(planted) <= found


def test_the_student_edition_installs_what_running_needs(edition: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lock = (edition / "requirements.lock").read_text()
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    needed = {Requirement(text).name for text in project["project"]["dependencies"]}
    assert needed | {"hatchling", "editables"} <= locked
    assert not locked & {"playwright", "mkdocs-material", "nox", "mypy", "cosmic-ray"}
    assert lock.count("--hash=sha256:") > len(locked)


def test_the_student_edition_checks_and_does_not_grade_a_class(
    edition: Path, tmp_path: Path, handed_in: dict[str, Path]
) -> None:
    command = command_of(edition, tmp_path / "autograder")
    untouched = ROOT / "assignments" / "pooling" / find("pooling").notebook
    submission = repository(tmp_path / "submission", {"pooling.ipynb": untouched})
    environment = bare_environment(command, tmp_path)
    done = ran([str(edition / "tools/ci/check-submission"), str(submission)], tmp_path, environment)
    assert done.code == 1, done.out + done.err
    assert "by the public checks" in done.out
    script = [str(edition / "tools/ci/grade-class"), str(submission)]
    done = ran(script, tmp_path, {**environment, "AUTOGRADER_SEED": SEED})
    assert done.code == 2
    assert "student edition" in done.err


# GitLab and Docker


def test_gitlabs_job_runs(tmp_path: Path, command: Path, handed_in: dict[str, Path]) -> None:
    """The last line of its script, as it is but for the place of the kit."""
    job = loaded(ROOT / "templates/gitlab/.gitlab-ci.yml")["check"]
    project = repository(tmp_path / "project", {"work/pooling.ipynb": handed_in["damaged"]})
    environment = {**bare_environment(command, tmp_path), "CI": "true", "GITLAB_CI": "true"}
    environment |= {"CI_PROJECT_DIR": str(project), "NOTEBOOKS": "."}
    environment["AUTOGRADER_REPORTS"] = job["variables"]["AUTOGRADER_REPORTS"].replace(
        "${CI_PROJECT_DIR}", str(project)
    )
    line = job["script"][-1].replace("/tmp/kit", str(ROOT))
    done = ran(line, project, environment)
    assert done.code == 2, done.out + done.err
    assert "**unreadable**" in done.out
    assert (project / job["artifacts"]["reports"]["junit"]).is_file()


def test_gitlabs_class_job_refuses_a_public_project(tmp_path: Path, command: Path) -> None:
    job = loaded(ROOT / "templates/gitlab/course.gitlab-ci.yml")["grade"]
    line = job["script"][-1].replace("/tmp/kit", str(ROOT))
    environment = {**bare_environment(command, tmp_path), "CI_PROJECT_DIR": str(tmp_path)}
    environment |= {"SUBMISSIONS": "submitted", "AUTOGRADER_SEED": SEED}
    for visibility, says in (("public", "is public"), ("private", "there is none of that name")):
        done = ran(line, tmp_path, {**environment, "CI_PROJECT_VISIBILITY": visibility})
        assert done.code == 2
        assert says in done.err


def test_dockers_entry_runs(tmp_path: Path, command: Path, handed_in: dict[str, Path]) -> None:
    submission = repository(tmp_path / "s", {"pooling.ipynb": handed_in["damaged"]})
    environment = bare_environment(command, tmp_path)
    environment |= {"SUBMISSION": str(submission), "OUT": str(tmp_path), "CLASS": "/nowhere"}
    done = ran([str(ENTRY)], tmp_path, environment)
    assert done.code == 2, done.out + done.err
    assert (tmp_path / "reports" / "1" / "report.json").is_file()
    done = ran([str(ENTRY), "grade"], tmp_path, {**environment, "AUTOGRADER_SEED": SEED})
    assert (done.code, "none of that name" in done.err) == (2, True)
    assert ran([str(ENTRY), "--version"], tmp_path, environment).out.startswith("autograder ")


def test_dockers_files_name_what_is_there() -> None:
    text = (ROOT / "templates/docker/Dockerfile").read_text()
    for path in re.findall(r"/kit/([\w./-]+)", text):
        assert os.access(ROOT / path, os.X_OK), path
    assert "\nUSER grader\n" in text


# The files


@pytest.mark.parametrize(
    ("schema", "files"),
    [("vendor.github-workflows", WORKFLOWS), ("vendor.gitlab-ci", GITLAB)],
    ids=["GitHub", "GitLab"],
)
def test_files_follow_their_schema(schema: str, files: list[Path]) -> None:
    assert len(files) >= 2
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
def test_workflows_give_nothing_away(path: Path) -> None:
    workflow = loaded(path)
    triggers = workflow[True]  # YAML 1.1 reads the word "on" so
    assert "pull_request_target" not in triggers
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert "permissions" not in job
        if "uses" in job:
            assert job["uses"].startswith("OWNER/KIT/.github/workflows/")
            name, _, version = job["uses"].removeprefix("OWNER/KIT/").partition("@")
            called = loaded(ROOT / name)[True]["workflow_call"]
            assert job["with"].keys() <= called["inputs"].keys()
            assert job.get("secrets", {}).keys() <= called.get("secrets", {}).keys()
            assert version == job["with"]["kit-ref"]
    for step in steps(path):
        # What somebody typed is data in the environment, never a part of the program.
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(
                r"actions/(checkout|setup-python|(up|down)load-artifact)@v\d+", step["uses"]
            )
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False
        for script in re.findall(r"kit/([\w./-]+)", step.get("run", "")):
            assert os.access(ROOT / script, os.X_OK), script


def test_the_seed_is_in_the_environment_of_one_step_alone() -> None:
    path = ROOT / ".github/workflows/grade-class.yml"
    assert path.read_text().count("secrets.AUTOGRADER_SEED") == 1
    assert [step["name"] for step in steps(path) if "SEED" in str(step)] == ["Grade"]


def test_environments_of_the_workflow_are_sessions() -> None:
    job = loaded(ROOT / ".github/workflows/test-course.yml")["jobs"]["environments"]
    asked = {entry["session"] for entry in job["strategy"]["matrix"]["include"]}
    done = subprocess.run(
        [sys.executable, "-m", "nox", "--list", "--json", "-f", ROOT / "noxfile.py"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert asked == {entry["session"] for entry in json.loads(done.stdout)}


@pytest.mark.parametrize("path", [*SCRIPTS, ENTRY], ids=lambda path: path.name)
def test_scripts_are_posix_shell(path: Path) -> None:
    subprocess.run(["sh", "-n", path], check=True)
    text = path.read_text()
    assert "[[" not in text
    if path.name != "prepare":
        assert text.startswith("#!/bin/sh\n")
        assert path.stat().st_mode & stat.S_IXUSR
        assert "\nset -eu\n" in text


def test_scripts_pass_shellcheck() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("shellcheck is not installed; apt-get install shellcheck")
    command = ["shellcheck", "-x", "-P", ROOT / "tools/ci", *SCRIPTS, ENTRY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_workflows_pass_actionlint() -> None:
    if shutil.which("actionlint") is None:
        pytest.skip("actionlint is not installed; the schema alone holds the workflows")
    done = subprocess.run(["actionlint", *WORKFLOWS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_command_writes_points(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(small_report().to_json())
    out = tmp_path / "out.json"
    assert cli.main(["export", "classroom", str(tmp_path / "report.json"), "--out", str(out)]) == 0
    assert json.loads(out.read_text())["max_score"] == 1.5
