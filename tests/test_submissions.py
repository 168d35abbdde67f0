"""Whose a notebook is, in the layouts that people and platforms use."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from autograder.batch.submissions import HandedIn, find
from autograder.roster import Student


def notebook(*tasks: str) -> bytes:
    cells = [
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": task}}, "source": ""}
        for task in tasks
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


CONV = notebook("same_padding", "conv_cost")
POOL = notebook("max_pool_forward_naive")


def lay_out(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def graded(entry: HandedIn) -> list[str]:
    return [name or problem for name, _, problem in entry.notebooks()]


LAYOUTS: dict[str, tuple[dict[str, bytes], dict[str, Student]]] = {
    "nbgrader": (
        {
            "submitted/ada/convolution/convolution.ipynb": CONV,
            "submitted/ben/convolution/renamed.ipynb": CONV,
            "submitted/ben/notes/x.ipynb": CONV,
            "source/convolution/convolution.ipynb": CONV,
        },
        {"ada": Student("ada"), "ben": Student("ben")},
    ),
    "a folder a student": (
        {"ada/work.ipynb": CONV, "ben/deep/er/work.ipynb": CONV, "empty/readme.txt": b""},
        {"ada": Student("ada"), "ben": Student("ben")},
    ),
    "a file a student": (
        {"ada.ipynb": CONV, "ben o'c, jr.ipynb": CONV},
        {"ada": Student("ada"), "ben o'c, jr": Student("ben o'c, jr")},
    ),
    "Canvas": (
        {
            "lovelaceada_12_9001_convolution-1.ipynb": CONV,
            "obrienpat_LATE_77_9002_my_own_name.ipynb": CONV,
        },
        {
            "lovelaceada-12": Student("lovelaceada-12", name="lovelaceada", number="12"),
            "obrienpat-77": Student("obrienpat-77", name="obrienpat", number="77"),
        },
    ),
    "Moodle, folders": (
        {
            "Ada Lovelace_4711_assignsubmission_file_/convolution.ipynb": CONV,
            "Pat O_Brien_4712_assignsubmission_file/x.ipynb": CONV,
        },
        {
            "Ada Lovelace-4711": Student("Ada Lovelace-4711", name="Ada Lovelace", number="4711"),
            "Pat O_Brien-4712": Student("Pat O_Brien-4712", name="Pat O_Brien", number="4712"),
        },
    ),
    "Moodle, files": (
        {"Ada Lovelace_4711_assignsubmission_file_convolution.ipynb": CONV},
        {"Ada Lovelace-4711": Student("Ada Lovelace-4711", name="Ada Lovelace", number="4711")},
    ),
    "Gradescope": (
        {
            "export/submission_1/convolution.ipynb": CONV,
            "export/submission_2/convolution.ipynb": CONV,
            "export/submission_3/convolution.ipynb": CONV,
            "export/submission_metadata.yml": b"""
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: 's1'
    :email: ada@example.edu
  :created_at: 2026-11-01 10:00:00 Z
  :score: 0.0
submission_2:
  :submitters:
  - :name: Ben
    :sid: '22'
    :email:
  - :name: Chen
    :sid:
    :email:
""",
        },
        {
            "22": Student("22", name="Ben", number="2", login="22"),
            "ada@example.edu": Student(
                "ada@example.edu", "Ada Lovelace", "1", "ada@example.edu", "s1"
            ),
            "Chen-submission_2": Student("Chen-submission_2", name="Chen", number="2"),
            "submission_3": Student("submission_3", number="3"),
        },
    ),
}


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_who_handed_in_is_read_from_the_layout(layout: str, archived: bool, tmp_path: Path) -> None:
    files, students = LAYOUTS[layout]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    if archived:
        source = zipped(tmp_path / "export.zip", files)
    else:
        source = lay_out(tmp_path / "course", files)
    found = find([source], scratch)
    assert {student.id: student for student in found.students} == students
    assert found.remarks == []
    for entry in found.handed_in:
        assert graded(entry) == ["convolution"]


def test_of_several_notebooks_the_expected_one_is_graded(tmp_path: Path) -> None:
    files = {
        "ada/convolution.ipynb": notebook("same_padding"),
        "ada/convolution-old.ipynb": CONV,
        "ben/one.ipynb": notebook("same_padding"),
        "ben/two.ipynb": CONV,
        "chen/conv.ipynb": CONV,
        "chen/pool.ipynb": POOL,
        "dara/broken.ipynb": b"{",
        "dara/right.ipynb": CONV,
    }
    found = find([lay_out(tmp_path, files)], tmp_path)
    names = [
        [notebook.path.name for _, notebook, _ in entry.notebooks() if notebook is not None]
        for entry in found.handed_in
    ]
    assert names == [
        ["convolution.ipynb"],
        ["two.ipynb"],
        ["conv.ipynb", "pool.ipynb"],
        ["right.ipynb"],
    ]


def test_a_notebook_of_another_assignment_is_named(tmp_path: Path) -> None:
    lay_out(tmp_path, {"submitted/ada/convolution/convolution.ipynb": POOL})
    (entry,) = find([tmp_path], tmp_path).handed_in
    ((name, found, problem),) = entry.notebooks()
    assert (name, found) == ("convolution", None)
    assert "a notebook of pooling" in problem


def test_a_student_may_hand_in_an_archive(tmp_path: Path) -> None:
    course, scratch = tmp_path / "course", tmp_path / "scratch"
    scratch.mkdir()
    for name in ("ada_1_2_work.zip", "Ben_7_assignsubmission_file_/x.zip"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        zipped(course / name, {"in/here.ipynb": CONV, "again.zip": b"PK"})
    (course / "chen_3_4_work.zip").write_bytes(b"PK nothing")
    (course / "dara_5_6_work.rar").write_bytes(b"Rar!")
    found = {entry.student.id: entry for entry in find([course], scratch).handed_in}
    assert graded(found["ada-1"]) == graded(found["Ben-7"]) == ["convolution"]
    assert "cannot be unpacked" in graded(found["chen-3"])[0]
    assert "a RAR archive" in graded(found["dara-5"])[0]


def test_links_and_depths_lead_nowhere(tmp_path: Path) -> None:
    secret = lay_out(tmp_path / "outside", {"secret.ipynb": CONV})
    course = lay_out(tmp_path / "course", {"ada/work.ipynb": CONV})
    (course / "ben").symlink_to(secret)
    (course / "chen").mkdir()
    (course / "chen" / "work.ipynb").symlink_to(secret / "secret.ipynb")
    deep = course / "dara"
    here = os.open(".", os.O_RDONLY)
    try:
        deep.mkdir()
        os.chdir(deep)
        for _ in range(200):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.fchdir(here)
        os.close(here)
    found = {entry.student.id: graded(entry) for entry in find([course], tmp_path).handed_in}
    assert found == {
        "ada": ["convolution"],
        "chen": ["it is a link to another file; hand in the notebook itself"],
    }


def test_names_that_would_command_a_terminal_are_made_plain(tmp_path: Path) -> None:
    files = {"a\x1b[31m/x.ipynb": CONV, "\u202eb.ipynb": CONV}
    students = [student.id for student in find([lay_out(tmp_path, files)], tmp_path).students]
    assert students == ["a\ufffd[31m", "\ufffdb"]


@pytest.mark.parametrize("what", ["nothing.zip", "empty", "broken.zip", "list"])
def test_a_source_without_submissions_is_an_error_that_says_so(what: str, tmp_path: Path) -> None:
    path = tmp_path / what
    if what == "empty":
        path.mkdir()
    if what == "broken.zip":
        path.write_bytes(b"PK")
    if what == "list":
        lay_out(path, {"submission_metadata.yml": b"submission_1: [", "readme.txt": b""})
    with pytest.raises(ValueError, match=r"does not exist|no notebook|cannot be unpacked"):
        find([path], tmp_path)


def test_a_list_that_cannot_be_read_costs_the_names_only(tmp_path: Path) -> None:
    for number, text in enumerate([b"a: [", b"- 1", b"submission_1: {}", b"\xff\xfe\x00"]):
        course = lay_out(
            tmp_path / str(number),
            {"submission_1/a.ipynb": CONV, "submission_metadata.yml": text},
        )
        found = find([course], tmp_path)
        assert [student.id for student in found.students] == ["submission_1"]
        assert "names are lost" in found.remarks[0]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["ada.ipynb", "ben.ipynb"], ["ada", "ben"]),
        (["s/ada/convolution/c.ipynb", "s/ben/convolution/c.ipynb"], ["ada", "ben"]),
        (["ada/c.ipynb", "ben/c.ipynb"], ["ada", "ben"]),
        (["c.ipynb", "c.ipynb"], ["001-c", "002-c"]),
    ],
)
def test_notebooks_named_one_by_one_are_named_by_their_student(
    paths: list[str], names: list[str], tmp_path: Path
) -> None:
    found = find([tmp_path / path for path in paths], tmp_path)
    assert [student.id for student in found.students] == names
