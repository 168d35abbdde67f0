"""How a check's finding becomes points: all, a part, none, and a remark that takes nothing."""

from __future__ import annotations

from collections.abc import Callable

from autograder import grading
from autograder.assignments import Assignment
from autograder.exports.html import task_html
from autograder.exports.text import task_text
from autograder.worker.host import LiveSubmission

SUITE = """
import pytest
from autograder.report import Finding

@pytest.mark.check("t", title="right", weight=2)
def test_right():
    pass

@pytest.mark.check("t", title="slow")
def test_slow():
    raise Finding("too slow", credit=0.5)

@pytest.mark.check("t", title="close")
def test_close():
    raise Finding("in your favour", verdict="passed")

@pytest.mark.check("t", title="after", needs="close")
def test_after():
    pass

@pytest.mark.check("t", title="wrong", needs="slow")
def test_wrong():
    raise Finding("wrong")
"""


def test_findings_give_all_a_part_or_none_of_the_points(
    suites_of: Callable[..., Assignment],
) -> None:
    assignment = suites_of("tiny", public=SUITE)
    ledger = grading.run_suites(LiveSubmission({}), assignment, False, 0)
    (task,) = ledger.tasks({"t": ("Tiny", 6.0)})
    verdicts = {check.name: (check.verdict, check.points) for check in task.checks}
    assert verdicts == {
        "right": ("passed", 2.0),
        "slow": ("failed", 0.5),
        "close": ("passed", 1.0),
        "after": ("passed", 1.0),
        "wrong": ("not attempted", 0.0),
    }
    assert task.points == 4.5
    for shown in (task_text(task), task_html(task)):
        assert "too slow" in shown
        assert "in your favour" in shown
