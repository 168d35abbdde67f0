"""Every command in the documentation is run.

Commands stand in blocks marked ``sh``. A page is run from top to bottom in a course of its own: a
copy of the one that ``docs/first-course.md`` makes, which is run first. What cannot be run says
why, where only this test reads it: ``sh notest: reason``.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import cli
from autograder.roster import Student, roster_json
from warm_commands import waiting

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = {
    path.name: path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))
}
FIRST = "first-course.md"

BLOCK = re.compile(r"^```(?P<language>\w*)(?P<mark>[^\n]*)\n(?P<code>.*?)^```$", re.M | re.S)
PROGRAMS = (
    "autograder", "conda", "docker", "git", "jupyter", "make", "nbgrader", "pip", "pytest",
    "python",
)  # fmt: skip
"""A block without a language that starts with one of these is one of commands, too."""


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """The blocks of commands of a page: the commands, and why they are not run, or ''."""
    for match in BLOCK.finditer(PAGES[page]):
        words = match["code"].split(maxsplit=1)
        unmarked = not match["language"] and words and words[0] in PROGRAMS
        if match["language"] in ("sh", "console") or unmarked:
            yield match["code"], match["mark"].strip().removeprefix("notest:").strip()


def runnable(page: str) -> list[str]:
    return [code for code, reason in blocks(page) if not reason]


def sub_commands() -> list[str]:
    """The sub-commands of ``autograder``."""
    (action,) = (a for a in cli._parser()._actions if isinstance(a.choices, dict))
    return sorted(action.choices)


def commands(code: str) -> Iterator[list[str]]:
    """The words of every command of ``autograder`` in a piece of shell, without redirections."""
    for line in code.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>")
        lexer.whitespace_split = True
        found: list[list[str]] = [[]]
        try:
            for word in lexer:
                found.append([]) if set(word) <= set(";&|<>") else found[-1].append(word)
        except ValueError:  # a quotation that goes on: no command of ours has one
            continue
        for words in found:
            while words and re.fullmatch(r"\w+=\S*", words[0]):
                words.pop(0)
            if words and words[0] == "autograder":
                yield words[1:]


PLACEHOLDERS = {"COMMAND": "check", "FORMAT": "csv", "ASSIGNMENT": "pooling", "…": "x"}


def in_text(page: str) -> Iterator[list[str]]:
    """Commands in the text of a page, beside its blocks: those that say more than their name."""
    for code in re.findall(r"`(autograder [^`]+)`", BLOCK.sub("", PAGES[page])):
        for words in commands(code.replace("\n", " ")):
            if len(words) > 1 or words[0] not in sub_commands():
                yield [PLACEHOLDERS.get(word, word) for word in words]


def understood(words: list[str]) -> bool:
    try:
        cli._parser().parse_args(words)
    except SystemExit as end:
        return end.code == 0  # --help
    return True


@pytest.mark.parametrize("page", PAGES)
def test_commands_are_understood(page: str) -> None:
    found = [words for code, _ in blocks(page) for words in commands(code)]
    wrong = [words for words in [*found, *in_text(page)] if not understood(words)]
    assert [f"autograder {shlex.join(words)}" for words in wrong] == []


@pytest.mark.parametrize("page", PAGES)
def test_programs_and_targets_that_a_page_names_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    spans = re.findall(r"`([^`\n]+)`", BLOCK.sub("", PAGES[page]))
    lines = [line for code, _ in blocks(page) for line in code.splitlines()]
    for text in [*spans, *lines]:
        for words in re.findall(r"^make ((?:[a-z][a-z-]* ?)+)", text):
            assert set(words.split()) <= targets, text
        if match := re.match(r"python ((?:benchmarks|examples|tests|tools)/\S+)(.*)", text):
            program = ROOT / match[1]
            assert program.is_file(), text
            for option in re.findall(r"--[a-z-]+", match[2]):
                assert f'"{option}"' in program.read_text(), text


def test_what_is_not_run_has_a_reason() -> None:
    for page in PAGES:
        for code, reason in blocks(page):
            assert not reason or len(reason.split()) > 3, code


PREAMBLE = """\
# Targets build environments, take minutes or start servers: here only make itself reads them.
make() { "$MAKE" --dry-run --directory "$ROOT" "$@" > /dev/null; }
autograder() { python -I -S "$ROOT/tests/warm_commands.py" "$SOCKET" autograder "$@"; }
nbgrader() { python -I -S "$ROOT/tests/warm_commands.py" "$SOCKET" nbgrader "$@"; }
PS4='@@ '
set -eux
"""


ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "AUTOGRADER_SEED"},
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "PYTHONPATH": str(ROOT),
    "ROOT": str(ROOT),
    "MAKE": shutil.which("make") or "make",
}


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The socket at which ``autograder`` and ``nbgrader`` wait for commands."""
    with waiting(tmp_path_factory.mktemp("warm"), ENVIRONMENT) as address:
        yield address


def run(folder: Path, page: str, warm: str) -> None:
    """Run all blocks of a page, one after the other, in one shell."""
    script = PREAMBLE + "\n".join(runnable(page))
    environment = {**ENVIRONMENT, "SOCKET": warm, "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    done = subprocess.run(
        ["sh", "-c", script], cwd=folder, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    last = [line for line in done.stderr.splitlines() if line.startswith("@@ ")][-1:]
    assert done.returncode == 0, f"{page}: {last}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, warm: str) -> Path:
    """The course that the instructors' first page makes, from the kit beside it."""
    folder = tmp_path_factory.mktemp("docs")
    kit = folder / "kit"
    (kit / ".venv" / "bin").mkdir(parents=True)
    (kit / ".venv" / "bin" / "activate").touch()
    for name in ("solutions", "nbgrader_config.py"):
        (kit / name).symlink_to(ROOT / name)
    run(folder, FIRST, warm)
    return folder / "course"


def test_the_first_course_has_grades_and_feedback(course: Path) -> None:
    rows = (course / "grades.csv").read_text().splitlines()
    assert len(rows) == 1 + 3 * 2
    assert len(list(course.glob("results/convolution/*.json"))) == 2
    (ada, ben, cleo) = (
        json.loads((course / f"results/pooling/{name}.json").read_text())
        for name in ("ada", "ben", "cleo")
    )
    assert ada["points"] == ada["max_points"]
    assert ben["points"] == 0
    assert 0 < cleo["points"] < cleo["max_points"]
    assert "smallest" in (course / "feedback/cleo/pooling/pooling.html").read_text()
    assert (course / "results/report/index.html").is_file()


def put_in_place(course: Path) -> None:
    """What pages take for granted: the names of files and folders in their examples."""
    (course / ".venv" / "bin").mkdir(parents=True)
    (course / ".venv" / "bin" / "activate").touch()
    (course / "FOLDER").symlink_to("submitted")
    (course / "RESULTS").symlink_to("results")
    shutil.copy(course / "solutions/convolution/convolution.ipynb", course / "convolution.ipynb")
    shutil.copytree(course / "assignments/convolution", course / "convolution")
    with zipfile.ZipFile(course / "export.zip", "w") as archive:
        archive.write(course / "submitted/ben/pooling/pooling.ipynb", "ben_7_8_pooling.ipynb")
    students = [Student(name, name.title(), f"10{i}") for i, name in enumerate(("ada", "ben"))]
    (course / "results/students.json").write_text(roster_json(students))
    (course / "Grades-CNN.csv").write_text(
        "Student,ID,SIS Login ID,Section,Convolution (4711)\n"
        "    Points Possible,,,,91\nAda,100,ada,A,\nBen,101,ben,A,\n"
    )
    (course / "Grades-CNN-convolution.csv").write_text(
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments\n"
        "Participant 100,Ada,a@x.org,Submitted,,91.00,Yes,-,-,\n"
        "Participant 101,Ben,b@x.org,Submitted,,91.00,Yes,-,-,\n"
    )


def left_by_late(course: Path) -> None:
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
        query = "SELECT late_submission_penalty FROM submitted_notebook"
        penalties = [penalty for (penalty,) in gradebook.execute(query) if penalty]
    report = json.loads((course / "results/pooling/cleo.json").read_text())
    assert penalties == [pytest.approx(0.1 * report["points"])]


def left_by_privacy(course: Path) -> None:
    assert [path for path in course.rglob("*ben*") if path.suffix != ".ipynb"] == []
    for name in ("results/students.json", "results/grades.csv", "results/report/index.html"):
        assert not re.search(r"\bben\b", (course / name).read_text(), re.IGNORECASE), name
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
        assert gradebook.execute("SELECT id FROM student ORDER BY id").fetchall() == [
            ("ada",),
            ("cleo",),
        ]


LEFT = {"late.md": left_by_late, "privacy.md": left_by_privacy}
"""What must be true when a page has been followed."""


@pytest.mark.parametrize("page", [page for page in PAGES if runnable(page) and page != FIRST])
def test_commands_run(page: str, course: Path, warm: str, tmp_path: Path) -> None:
    shutil.copytree(course, tmp_path / "course", symlinks=True)
    put_in_place(tmp_path / "course")
    run(tmp_path / "course", page, warm)
    if page in LEFT:
        LEFT[page](tmp_path / "course")
