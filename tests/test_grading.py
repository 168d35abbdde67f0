"""Whole submissions, graded as the command does: the example class."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest

import autograder
from autograder.grading import grade, secret_seed
from autograder.report import SCHEMA_FILE, Report
from autograder.worker.host import Sandbox

ROOT = Path(__file__).parent.parent


def assignments() -> list[str]:
    """The assignments that the example class hands in."""
    return sorted(path.parent.name for path in (ROOT / "examples").glob("*/class.json"))


def graded(
    assignment: str, sandbox: Sandbox, example_class: ModuleType, folder: Path
) -> dict[str, Report]:
    files = example_class.build(folder, assignment=assignment)
    return {
        path.parent.parent.name: grade(path, student=path.parent.parent.name, box=sandbox, seed=1)
        for path in files
    }


@pytest.fixture(scope="module")
def every_report(
    sandbox: Sandbox, example_class: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Report]]:
    return {
        name: graded(name, sandbox, example_class, tmp_path_factory.mktemp("class"))
        for name in assignments()
    }


@pytest.fixture(scope="module")
def reports(every_report: dict[str, dict[str, Report]]) -> dict[str, Report]:
    return every_report["convolution"]


@pytest.mark.parametrize("assignment", assignments())
def test_every_student_gets_the_expected_points(
    assignment: str, every_report: dict[str, dict[str, Report]], example_class: ModuleType
) -> None:
    expected = example_class.expected(assignment)
    reports = every_report[assignment]
    assert set(reports) == set(expected)
    for name, report in reports.items():
        if report.status == "unreadable":
            assert not any(expected[name].values()), name
            continue
        assert report.status == "graded", (name, report.message)
        assert {task.task: task.points for task in report.tasks} == expected[name], name


def test_reports_follow_the_schema(reports: dict[str, Report]) -> None:
    schema = json.loads(SCHEMA_FILE.read_text())
    for report in reports.values():
        jsonschema.validate(json.loads(report.to_json()), schema)


@pytest.mark.parametrize(
    ("student", "task", "word"),
    [
        ("hugo", "conv_forward_naive", "flip"),
        ("iris", "conv_forward_naive", "bias"),
        ("jon", "conv_forward_naive", "stride"),
    ],
)
def test_the_mistake_is_named(
    reports: dict[str, Report], student: str, task: str, word: str
) -> None:
    wrong = [check for check in reports[student].task(task).checks if check.mistake]
    assert wrong
    assert all(word in check.mistake for check in wrong)
    assert "exactly what you get when" in wrong[0].message
    assert wrong[0].hint


def test_hidden_checks_do_not_tell_values(reports: dict[str, Report]) -> None:
    messages = [
        check.message
        for report in reports.values()
        for task in report.tasks
        for check in task.checks
        if check.hidden
    ]
    assert messages
    assert not any("expected" in message and "got" in message for message in messages)


def test_the_python_door(example_class: ModuleType, tmp_path: Path) -> None:
    path = next(p for p in example_class.build(tmp_path) if "gita" in str(p))
    report = autograder.grade(path)
    assert (report.status, report.points, report.max_points) == ("graded", 0, 91)
    assert autograder.grade(tmp_path / "none.ipynb").status == "unreadable"


def test_plain_pytest_is_a_door(example_class: ModuleType, tmp_path: Path) -> None:
    path = next(p for p in example_class.build(tmp_path) if "hugo" in str(p))
    command = [sys.executable, "-m", "pytest", "-q", "autograder/suites/public", "-k", "basic"]
    done = subprocess.run(
        [*command, "--submission", str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    assert "flipped" in done.stdout


def test_the_seed_is_the_courses_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_SEED", raising=False)
    assert secret_seed() == secret_seed()
    assert secret_seed(42) == 42
    monkeypatch.setenv("AUTOGRADER_SEED", "17")
    assert secret_seed(42) == secret_seed() == 17
    monkeypatch.setenv("AUTOGRADER_SEED", "seventeen")
    with pytest.raises(ValueError, match="whole number"):
        secret_seed()


def test_the_report_holds_a_fingerprint_and_not_the_seed(sandbox: Sandbox) -> None:
    path = ROOT / "solutions/pooling/pooling.ipynb"
    one, again, other = (grade(path, box=sandbox, seed=seed) for seed in (123456, 123456, 7))
    assert one.seed == again.seed != other.seed
    assert "123456" not in one.to_json()
