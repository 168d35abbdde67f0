"""``course.toml``: what it may say, what it does, and how it says what is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from autograder import assignments, rooms, settings
from autograder.assertions import speed
from autograder.choosing import choose
from autograder.report import Finding
from autograder.settings import Limits, Settings, WrongSetting, read
from autograder.worker import host, sandbox
from autograder.worker.host import Cell, LiveSubmission, SandboxedSubmission, open_sandbox

ROOT = Path(__file__).parent.parent


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Path]:
    """The ``course.toml`` of the course that is asked from now on."""
    path = tmp_path / "course.toml"
    path.touch()
    rooms.enter(tmp_path)
    yield path
    rooms.enter(None)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("nam = 'x'", 1, "nam: there is no such key; name?"),
        ("\n[limits]\n\ncall = 3\nmemory = 3", 5, "limits.memory: there is no such key"),
        ("isolation = 'docker'", 1, "isolation: must be one of 'bubblewrap', 'landlock'"),
        ("# none\nname = 3", 2, "name: must be a text, not 3"),
        ("name = 'a b'", 1, "name: must be of letters, digits"),
        ("[limits]\ncell = 0", 2, "limits.cell: must be more than 0, not 0"),
        ("[limits]\nmemory_mib = 8", 2, "must be at least 256, not 8"),
        ("[limits]\nmemory_mib = 512.5", 2, "must be a whole number, not 512.5"),
        ("[limits]\ncall = 1e9", 2, "must be at most 600"),
        ("[assignments.pooling]\ntasks = []", 2, "assignments.pooling.tasks: is empty"),
        ("x = 1\n[assignments]\npooling = 3", 1, "x: there is no such key"),
        ("[assignments]\npooling = 3", 2, "assignments.pooling: must be a table, not 3"),
        (
            "[assignments.pooling]\ntasks = [\n  'a',\n  'a',\n]\n",
            2,
            "assignments.pooling.tasks: names something twice",
        ),
        (
            "[assignments.pooling.points]\nshift_response = 3\nmax_pool_forward_naive = -1",
            3,
            "assignments.pooling.points.max_pool_forward_naive: must be at least 0, not -1",
        ),
        ("packages = ['../x']", 1, "packages: must be of letters"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    path = tmp_path / "course.toml"
    path.write_text(text)
    with pytest.raises(WrongSetting, match=re.escape(f"{path}, line {line}: ")) as raised:
        read(path)
    assert said in str(raised.value)


def test_what_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "course.toml"
    path.write_text("name = 'x'\n[limits\n")
    with pytest.raises(WrongSetting, match=r"is not TOML: .*line 2"):
        read(path)
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(WrongSetting, match="cannot be read"):
        read(path)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[assignments.pool]\n", 1, "there is no such assignment; there are: convnet"),
        ("[assignments.pooling]\ntasks = ['pool']", 2, "pool is no task of it; there are: max_"),
        ("\n[assignments.pooling.points]\npool = 3", 3, "pool is no task of it"),
        ("\n[assignments.pooling.speed]\npool = 3", 3, "pool is no task of it"),
    ],
)
def test_names_that_are_none_are_named_with_their_line(
    course: Path, text: str, line: int, said: str
) -> None:
    course.write_text(text)
    with pytest.raises(WrongSetting, match=f"line {line}: ") as raised:
        assignments.all_assignments()
    assert said in str(raised.value)


def test_the_defaults_are_said_alike_everywhere() -> None:
    schema = json.loads(settings.SCHEMA_FILE.read_text())["properties"]
    assert {key: schema["limits"]["properties"][key]["default"] for key in asdict(Limits())} == (
        asdict(Limits())
    )
    assert Limits().memory_mib << 20 == sandbox.LIMITS["AS"]
    assert host.Limits.chosen() == host.Limits()
    for field in ("name", "language", "isolation"):
        assert schema[field]["default"] == getattr(Settings(), field)
    assert tuple(schema["packages"]["default"]) == Settings().packages
    assert set(schema) == {field.name for field in fields(Settings)} - {"path"}
    keys = set(schema) - {"limits", "assignments"}
    keys |= {f"limits.{key}" for key in schema["limits"]["properties"]}
    choices = schema["assignments"]["additionalProperties"]["properties"]
    keys |= {f"assignments.NAME.{key}" for key in choices}
    page = (ROOT / "docs" / "own-course.md").read_text()
    _, _, table = page.partition("| key | default |")
    assert set(re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)) == keys
    template = (rooms.PACKAGE / "authoring" / "course" / "course.toml").read_text()
    shown = tomllib.loads(re.sub(r"^# (\w+ = |\[)", r"\1", template, flags=re.MULTILINE))
    assert shown["limits"] == asdict(Limits())
    assert (shown["isolation"], tuple(shown["packages"])) == ("landlock", ())
    assert shown["language"] == Settings().language


def test_tasks_and_points_are_those_chosen(course: Path) -> None:
    course.write_text(
        "[assignments.pooling]\n"
        "tasks = ['max_pool_forward_naive', 'shift_response', 'written_overlap']\n"
        "points = { shift_response = 7.5, written_overlap = 1 }\n"
    )
    pooling = assignments.find("pooling")
    assert [(task.task, task.points) for task in pooling.tasks] == [
        ("max_pool_forward_naive", 10),
        ("written_overlap", 1),
        ("shift_response", 7.5),
    ]
    assert len(assignments.find("normalization").tasks) > 10


def source() -> Any:
    return nbformat.read(ROOT / "solutions" / "pooling" / "pooling.ipynb", as_version=4)


def test_a_notebook_has_the_cells_of_chosen_tasks_only(tmp_path: Path) -> None:
    path = tmp_path / "course.toml"
    path.write_text(
        "[assignments.pooling]\n"
        "tasks = ['max_pool_forward_naive', 'written_no_parameters']\n"
        "points = { max_pool_forward_naive = 3 }\n"
    )
    notebook = source()
    choose(notebook, "pooling", read(path))
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    assert [name for name in ids if name] == [
        "max_pool_forward_naive-code",
        "max_pool_forward_naive",
        "written_no_parameters",
    ]
    points = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }
    assert points["max_pool_forward_naive"] == 3
    assert points["written_no_parameters"] == 3
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "### Task 1." in text
    assert re.findall(r"### Task [2-9]", text) == []
    assert "## 4 · Fast" not in text
    assert "## Handing in" in text
    for cell in notebook.cells:
        if "experiment" in cell.metadata.get("tags", ()):
            assert "avg_pool" not in cell.source
            assert "backward" not in cell.source


def test_a_notebook_stays_as_it_is_where_nothing_is_chosen() -> None:
    notebook = source()
    choose(notebook, "pooling", Settings())
    assert notebook == source()


def test_limits_are_those_of_the_course(course: Path) -> None:
    course.write_text("[limits]\ncall = 0.5\nmemory_mib = 700\n")
    code = (
        "import numpy as np, resource\n"
        "def ever():\n    while True: pass\n"
        "def room():\n    return resource.getrlimit(resource.RLIMIT_AS)[0] >> 20\n"
    )
    with (
        open_sandbox("process") as box,
        SandboxedSubmission(box, [Cell("cell 1", code)]) as submission,
    ):
        submission.run()
        assert submission.call("room") == 700
        with pytest.raises(Finding, match=re.escape("stopped after 0.5 seconds")):
            submission.call("ever")


def test_a_course_lets_more_packages_in(course: Path) -> None:
    code = Cell("cell 1", "def there():\n    import rich\n    return 1")
    for text, works in (("", False), ("packages = ['rich']", True)):
        course.write_text(text)
        rooms.enter(course.parent)
        with open_sandbox("process") as box, SandboxedSubmission(box, [code]) as submission:
            submission.run()
            if works:
                assert submission.call("there") == 1
            else:
                with pytest.raises(Finding, match="ModuleNotFoundError"):
                    submission.call("there")


def test_a_package_that_is_missing_is_named(course: Path) -> None:
    course.write_text("packages = ['no-such.package']")
    with pytest.raises(sandbox.SandboxError, match=r"course.toml.*no-such-package.*pip install"):
        open_sandbox("process")


@pytest.mark.parametrize(("factor", "passes"), [(1, False), (4, True)])
def test_a_course_makes_a_limit_of_speed_wider(
    course: Path, monkeypatch: pytest.MonkeyPatch, factor: float, passes: bool
) -> None:
    course.write_text(f"[assignments.pooling.speed]\nshift_response = {factor}\n")
    ratios = (2.5 * speed.LIMIT,) * 5
    asked = []

    def race(*given: Any) -> speed.Race:
        asked.append(given[-1])
        return speed.Race(ratios, ratios)

    monkeypatch.setattr(speed, "race", race)
    nobody = LiveSubmission({})
    given = (nobody, "shift_response", list, lambda call, result: None)
    if passes:
        speed.expect_fast(*given)
    else:
        with pytest.raises(Finding, match="too slow"):
            speed.expect_fast(*given)
    assert asked == [factor * speed.LIMIT]
    assert np.isfinite(asked).all()


def test_a_folder_that_is_no_course_is_named(course: Path) -> None:
    course.unlink()
    with pytest.raises(ValueError, match=r"AUTOGRADER_COURSE names .*course\.toml"):
        rooms.enter(course.parent)
