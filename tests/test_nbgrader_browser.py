"""nbgrader's own pages, in a real browser, once around: a student fetches an assignment, validates
and hands in; the instructor collects, grades, and gives points by hand; the student reads what was
said.

Two servers, as in a course: one in the student's folder, one in the course's. What they share is
the exchange.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import get_username

import warm_commands
from browsing import (
    browser,
    jupyter,
    lab,
    new_page,
    open_notebook,
    quiet_jupyter,
    screenshot,
    wait_for_kernel,
    write,
)
from test_nbgrader import RIGHT

STUDENT = get_username()

CHOICES = """
[assignments.convolution]
tasks = ["conv_output_size", "same_padding", "written_parameters"]
"""
ANSWER = "A weight is used at every place, and each output sees a few inputs only."
COMMENT = "Well said. What does it give up?"


@dataclass(frozen=True)
class Course:
    """A course, a student's folder, and the exchange between them."""

    root: Path
    work: Path
    environment: dict[str, str]
    """Of the student's server."""
    commands: str
    """Where commands of the instructor's wait to be run."""

    def run(self, *words: str) -> None:
        """Run ``autograder`` or ``nbgrader`` in the course's folder."""
        done = subprocess.run(
            [sys.executable, "-I", "-S", warm_commands.__file__, self.commands, *words],
            cwd=self.root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"

    def scores(self) -> dict[str, tuple[float | None, float | None, bool]]:
        """Of each task: points by the grader, points by hand, whether a person is waited for."""
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as gradebook:
            notebook = gradebook.find_submission_notebook("convolution", "convolution", STUDENT)
            return {
                grade.name: (grade.auto_score, grade.manual_score, bool(grade.needs_manual_grade))
                for grade in notebook.grades
            }

    def total(self) -> float:
        with Gradebook(f"sqlite:///{self.root}/gradebook.db") as gradebook:
            return float(gradebook.find_submission("convolution", STUDENT).score)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """A course with one short assignment, released into an exchange of its own."""
    home = tmp_path_factory.mktemp("course")
    root, work, exchange = home / "signals", home / "work", home / "exchange"
    for folder in (root, work, exchange):
        folder.mkdir()
    exchange.chmod(0o777)  # nbgrader asks that everybody may write there
    with warm_commands.waiting(home, os.environ) as commands:
        course = Course(root, work, quiet_jupyter(home / "student"), commands)
        begin(course, exchange)
        yield course


def begin(course: Course, exchange: Path) -> None:
    """Make the course, and release its assignment."""
    root = course.root
    course.run("autograder", "new", "course", str(root), "--with", "convolution")
    with (root / "course.toml").open("a") as file:
        file.write(CHOICES)
    shared = f'\nc.CourseDirectory.course_id = "signals"\nc.Exchange.root = {str(exchange)!r}\n'
    with (root / "nbgrader_config.py").open("a") as file:
        file.write(shared)
    settings = Path(course.environment["JUPYTER_CONFIG_DIR"])
    settings.mkdir()
    (settings / "nbgrader_config.py").write_text(
        f"c = get_config()\n{shared}c.Exchange.cache = {str(root.parent / 'cache')!r}\n"
    )
    course.run("nbgrader", "generate_assignment", "convolution")
    course.run("nbgrader", "release_assignment", "convolution")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def student(course: Course) -> Iterator[str]:
    """The address of the student's server."""
    with jupyter(course.environment, course.work) as address:
        yield address


def has_extension(page: Any, command: str) -> None:
    """Fail in a line where nbgrader's extension does not offer ``command``."""
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("() => window.jupyterapp.started")
    if not page.evaluate("command => window.jupyterapp.commands.hasCommand(command)", command):
        pytest.fail(f"nbgrader's extension is missing: there is no {command}", pytrace=False)


def assignment_list(page: Any, address: str) -> None:
    """Open *Nbgrader, Assignment List* in JupyterLab."""
    page.goto(lab(address))
    has_extension(page, "nbgrader:open-assignment-list")
    page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Assignment List", exact=True).click()
    page.locator("#released_assignments_list").wait_for()


def row(page: Any, state: str) -> Any:
    """The first row among the ``released``, ``fetched`` or ``submitted`` assignments."""
    return page.locator(f"#{state}_assignments_list > .list_item").first


def validate(page: Any) -> str:
    """Press *Validate*; what the dialog says."""
    has_extension(page, "nbgrader:open-create-assignment")
    page.locator(".validate-button").first.click()
    said = str(page.locator(".jp-Dialog").inner_text())
    assert "Validation Results" in said
    return said


def close_dialog(page: Any) -> None:
    page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
    page.locator(".jp-Dialog").wait_for(state="detached")


def test_from_the_exchange_to_the_feedback(course: Course, student: str, chromium: Any) -> None:
    page = new_page(chromium)
    fetch(page, student)
    answer_and_validate(page)
    hand_in(page)
    course.run("nbgrader", "collect", "convolution")
    course.run("autograder", "grade", ".", "--nbgrader")
    assert course.scores() == {
        "conv_output_size": (4, None, False),
        "same_padding": (2, None, False),
        "written_parameters": (None, None, True),
    }
    assert course.total() == 6
    grade_by_hand(course, chromium)
    assert course.scores()["written_parameters"] == (None, 2.5, False)
    assert course.total() == 8.5
    course.run("nbgrader", "generate_feedback", "convolution")
    course.run("nbgrader", "release_feedback", "convolution")
    read_feedback(page)
    page.close()


def fetch(page: Any, student: str) -> None:
    assignment_list(page, student)
    assert "convolution" in row(page, "released").inner_text()
    screenshot(page, "nbgrader-1-released")
    row(page, "released").get_by_role("button", name="Fetch").click()
    row(page, "fetched").wait_for()
    row(page, "fetched").get_by_text("convolution").first.click()


def answer_and_validate(page: Any) -> None:
    """Open the notebook from the list; nothing is written, then everything is."""
    page.locator("#fetched_assignments_list .list_item .item_name a").last.click()
    wait_for_kernel(page)
    said = validate(page)
    assert "The following cell failed" in said
    assert 'check("same_padding")' in said
    screenshot(page, "nbgrader-2-not-valid")
    close_dialog(page)
    for name in ("conv_output_size-code", "same_padding-code"):
        write(page, name, RIGHT[name])
    write(page, "written_parameters", ANSWER)
    assert "Success! Your notebook passes all the tests." in validate(page)
    screenshot(page, "nbgrader-3-valid")
    close_dialog(page)


def hand_in(page: Any) -> None:
    page.locator(".lm-TabBar-tabLabel").get_by_text("Assignments", exact=True).click()
    row(page, "fetched").get_by_role("button", name="Submit").click()
    row(page, "submitted").wait_for()
    screenshot(page, "nbgrader-4-handed-in")


def grade_by_hand(course: Course, chromium: Any) -> None:
    """In the course's folder: *Nbgrader, Formgrader*, *Manual Grading*, points and a comment."""
    with jupyter(quiet_jupyter(course.root.parent / "instructor"), course.root) as address:
        page = new_page(chromium)
        page.goto(lab(address))
        has_extension(page, "nbgrader:open-formgrader")
        page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
        page.locator(".lm-Menu-itemLabel").get_by_text("Formgrader", exact=True).click()
        formgrader = page.frame_locator("iframe")
        formgrader.get_by_role("link", name="Manual Grading").click()
        formgrader.get_by_role("link", name="convolution").click()
        formgrader.get_by_role("link", name="convolution").last.click()
        formgrader.get_by_text("6 / 9").first.wait_for()
        screenshot(page, "formgrader-1-to-be-graded")
        formgrader.get_by_role("link", name="Submission #1").click()
        score = formgrader.locator("#written_parameters")
        comment = formgrader.locator("#written_parameters-comment")
        # The fields are filled once the scores so far have come.
        formgrader.locator("#written_parameters.needs_manual_grade").wait_for()
        for field, text in ((score, "2.5"), (comment, COMMENT)):
            field.fill(text)
            with page.expect_response(lambda answer: answer.request.method == "PUT") as saved:
                field.press("Tab")
            assert saved.value.ok
        screenshot(page, "formgrader-2-points-and-a-comment")
        formgrader.locator(".breadcrumb").get_by_role("link", name="convolution").last.click()
        formgrader.get_by_text("8.5 / 9").first.wait_for()
        screenshot(page, "formgrader-3-graded")
        page.close()


def read_feedback(page: Any) -> None:
    """*Fetch Feedback* in the list of assignments, which leads to the page's folder; the page has
    the points and the comment."""
    page.locator("#refresh_assignments_list").click()
    page.get_by_role("button", name="Fetch Feedback").click()
    page.get_by_text("view feedback").first.click()
    page.locator(".jp-DirListing-item", has_text="convolution.html").dblclick()
    feedback = page.frame_locator("iframe")
    feedback.get_by_text(COMMENT).first.wait_for()
    feedback.get_by_text("8.5").first.wait_for()
    screenshot(page, "nbgrader-5-feedback")


def test_validate_in_notebook_7(course: Course, student: str, chromium: Any) -> None:
    released = course.root / "assignments" / "convolution" / "convolution.ipynb"
    (course.work / "as-released.ipynb").write_bytes(released.read_bytes())
    page = new_page(chromium)
    open_notebook(page, student, "notebook", "as-released.ipynb")
    said = validate(page)
    assert 'check("conv_output_size")' in said
    screenshot(page, "nbgrader-validate-notebook")
    page.close()
