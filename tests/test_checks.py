"""Checks are collected once, and find the same however often they are run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.assignments import Assignment
from autograder.checks import SuiteError, checks_of
from autograder.pytest_plugin import Ledger
from autograder.worker.host import LiveSubmission

PUBLIC = """
import pytest
from autograder.report import Finding

@pytest.fixture
def number(submission):
    value = submission.number()
    if value == 13:
        raise LookupError("this fixture fails")
    return value

@pytest.mark.check("t", title="a number")
def test_first(number):
    if number == 99:
        raise KeyboardInterrupt
    if number == 98:
        pytest.exit("a suite that gives up")
    if number != 1:
        raise Finding(f"{number} is not 1")

@pytest.mark.check("t", title="loosely")
def test_same(submission):
    pass

@pytest.mark.check("u", title="of another task")
def test_other(submission, rng):
    raise Finding(str(rng.integers(1 << 60)))
"""

HIDDEN = """
import pytest
from autograder.report import Finding

@pytest.mark.check("t", title="strictly")
def test_same(submission):
    if submission.number() > 1:
        raise Finding("too large")

@pytest.mark.check("t", title="another name")
def test_second(submission):
    pass
"""

ASSIGNMENT = Assignment("tiny", "tiny.ipynb", ())

Suite = Callable[..., Ledger]


@pytest.fixture
def suite(suites_of: Callable[..., Assignment]) -> Suite:
    """Runs the suite above on a submission whose ``number`` is given."""
    suites_of(ASSIGNMENT.name, public=PUBLIC, hidden=HIDDEN)

    def run(number: int, hidden: bool = True, seed: int = 0, **chosen: list[str]) -> Ledger:
        submission = LiveSubmission({"number": lambda: number})
        return checks_of(ASSIGNMENT, hidden).run(submission, seed, **chosen)

    return run


def verdicts(ledger: Ledger) -> dict[str, str]:
    return {entry.title: entry.verdict for entry in ledger.entries.values()}


def test_one_submission_leaves_nothing_for_the_next(suite: Suite) -> None:
    right = {
        "a number": "passed",
        "of another task": "failed",
        "strictly": "passed",
        "another name": "passed",
    }
    wrong = right | {"a number": "failed", "strictly": "failed"}
    for _ in range(2):
        assert verdicts(suite(1)) == right
        assert verdicts(suite(5)) == wrong


def test_a_hidden_check_takes_the_place_of_a_public_one_of_its_name(suite: Suite) -> None:
    assert "loosely" in verdicts(suite(1, hidden=False))
    assert "loosely" not in verdicts(suite(1))


def test_what_is_left_out_is_not_in_the_ledger(suite: Suite) -> None:
    assert set(verdicts(suite(1, tasks=["u"]))) == {"of another task"}
    assert set(verdicts(suite(1, tasks=["t"], without=["same"]))) == {"a number", "another name"}
    assert verdicts(suite(1, tasks=[])) == {}


def test_random_numbers_follow_the_seed_and_nothing_else(suite: Suite) -> None:
    def said(seed: int) -> str:
        (entry,) = suite(1, seed=seed, tasks=["u"]).entries.values()
        return entry.message

    assert said(1) == said(1)
    assert said(1) != said(2)


def test_a_finding_before_the_check_is_a_fault_of_the_suite_and_no_verdict(suite: Suite) -> None:
    assert verdicts(suite(1))
    with pytest.raises(SuiteError, match="number is not written yet"):
        checks_of(ASSIGNMENT, False).run(LiveSubmission({}), 0)


OWN = """
import pytest
from autograder.report import Finding

@pytest.fixture
def shapes(shapes):
    return "the suite's own"

@pytest.mark.check("t", title="own")
def test_own(submission, shapes):
    raise Finding(str(shapes))

@pytest.mark.parametrize("rng", [7])
@pytest.mark.check("t", title="a parameter")
def test_parameter(submission, rng):
    raise Finding(str(rng))

@pytest.mark.check(["t", "u"], title="of two tasks")
def test_two(submission, task, request):
    raise Finding(f"{task} {request.node.name}")
"""


def test_fixtures_are_those_that_pytest_would_give(suites_of: Callable[..., Assignment]) -> None:
    ledger = checks_of(suites_of("own", public=OWN), False).run(LiveSubmission({}), 0)
    assert sorted(entry.message for entry in ledger.entries.values()) == [
        "7",
        "t test_two[t]",
        "the suite's own",
        "u test_two[u]",
    ]


def test_a_function_that_is_not_there_is_asked_for_once(
    suites_of: Callable[..., Assignment],
) -> None:
    test = (
        '@pytest.mark.check("{task}", title="{name}"{more})\ndef test_{name}(submission): {body}\n'
    )
    public = [
        test.format(task="f", name="first", more="", body="submission.f(1)"),
        test.format(task="f", name="second", more=', needs="first"', body="submission.f(2)"),
        test.format(task="f", name="third", more="", body="1 / 0"),
        test.format(task="g", name="other", more="", body="submission.g(submission.number())"),
    ]
    hidden = [
        test.format(task="f", name="fourth", more="", body="1 / 0"),
        test.format(task="g", name="last", more="", body="submission.g(3)"),
    ]
    assignment = suites_of(
        "absent",
        public="\n".join(["import pytest\n", *public]),
        hidden="\n".join(["import pytest\n", *hidden]),
    )
    calls = []
    submission = LiveSubmission({"g": calls.append, "number": lambda: 7})
    ledger = checks_of(assignment, True).run(submission, 0)
    found = {entry.name: (entry.verdict, entry.message) for entry in ledger.entries.values()}
    missing = ("not attempted", "f is not written yet.")
    assert found["first"] == found["third"] == found["fourth"] == missing
    assert found["second"][0] == "not attempted"
    assert "“first” must pass first" in found["second"][1]
    assert found["other"][0] == found["last"][0] == "passed"
    assert calls == [7, 3]


def test_a_suite_that_fails_by_itself_is_no_verdict(suite: Suite) -> None:
    with pytest.raises(SuiteError, match="this fixture fails"):
        suite(13)
    assert verdicts(suite(1))["a number"] == "passed"


def test_after_an_interrupt_checks_run_as_before(suite: Suite) -> None:
    with pytest.raises(KeyboardInterrupt):
        suite(99)
    assert verdicts(suite(1))["a number"] == "passed"
    assert len(verdicts(suite(1))) == 4


def test_what_pytest_itself_raises_is_no_verdict(suite: Suite) -> None:
    with pytest.raises(SuiteError, match="a suite that gives up"):
        suite(98)
    assert verdicts(suite(1))["a number"] == "passed"


def test_a_suite_that_cannot_be_collected_is_named(suites_of: Callable[..., Assignment]) -> None:
    broken = suites_of("broken", public="import no_such_module\n")
    with pytest.raises(SuiteError, match=r"(?s)suite of broken could not be run.*no_such"):
        checks_of(broken, False)
