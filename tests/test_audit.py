"""The grader graded: known mistakes fail and are named, right answers pass; and the audit sees it
when they do not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from autograder.audit.handins import HandIn, Solution, hand_ins
from autograder.audit.page import COLUMNS
from autograder.audit.tally import NAMED_AT_LEAST, Share, Tally, named, tally
from autograder.audit.trials import Plan, Trial, run, try_one
from autograder.mistakes import catalogue
from autograder.worker.host import Sandbox

ROOT = Path(__file__).parent.parent
SOLUTIONS = ROOT / "solutions"
SEED = 7
TENTH = 10

Audited = tuple[Solution, dict[str, Tally], list[str]]


@cache
def audit_of(name: str) -> Audited:
    """An audit of an assignment: all that is right or slow, and each tenth of what is wrong.

    ``make audit`` hands in all of it, which takes five times as long.
    """
    solution = Solution(SOLUTIONS, name)
    wrong = list(hand_ins(solution, ("mistake", "specimen"), set()))[::TENTH]
    right = hand_ins(solution, ("variant", "slow"), set())
    work = [(hand_in, SEED, True) for hand_in in (*wrong, *right)]
    trials = run(Plan(SOLUTIONS, jobs=os.cpu_count() or 1), work, lambda trial: None)
    counts, problems = tally(trials, {name: solution}, named_at_least=0.0)
    return solution, counts, problems


@pytest.fixture(params=catalogue.assignments())
def audited(request: pytest.FixtureRequest) -> Audited:
    return audit_of(request.param)


def test_nothing_is_wrong(audited: Audited) -> None:
    """What is wrong loses points, every correct variant gets all of them, and slow ones lose points
    for being slow alone."""
    assert not audited[2]


def test_every_task_was_audited(audited: Audited) -> None:
    for count in audited[1].values():
        assert count.caught.all + count.specimens.all >= 1, count.task
        assert count.failed.all >= 2, count.task


@pytest.mark.parametrize("measure", ["named", "fresh", "recognised"])
def test_mistakes_are_named(measure: str) -> None:
    every = [count for name in catalogue.assignments() for count in audit_of(name)[1].values()]
    total = sum((getattr(count, measure) for count in every), Share())
    assert total.all > 0
    assert total.share >= NAMED_AT_LEAST, total


@pytest.fixture(scope="module")
def solution() -> Solution:
    return Solution(SOLUTIONS, "convolution")


RIGHT = """
def same_padding(kernel):
    if kernel % 2 == 0:
        raise ValueError("even")
    return kernel // 2
"""
WRONG = RIGHT.replace("kernel // 2", "(kernel - 1) / 2")


@pytest.mark.parametrize(
    ("kind", "source", "says"),
    [
        ("variant", RIGHT, ""),
        ("variant", WRONG, "is right, but lost points: basic: "),
        ("mistake", RIGHT, "is wrong, but fails nothing"),
        ("mistake", WRONG, ""),
        ("slow", WRONG, "is slow, but fails ['basic', 'many_kernels']"),
        ("slow", RIGHT, "is slow, but fails nothing"),
    ],
)
def test_the_audit_sees_what_is_wrong(
    solution: Solution, sandbox: Sandbox, kind: str, source: str, says: str
) -> None:
    mistake = "same_padding.true_division" if kind == "mistake" else ""
    hand_in = HandIn(kind, "convolution", "same_padding", "own", source, mistake)  # type: ignore[arg-type]
    trial = try_one(sandbox, solution, hand_in, SEED)
    _, found = tally([trial], {"convolution": solution}, named_at_least=0.0)
    if says:
        assert len(found) == 1
        assert found[0].startswith(f"{kind} same_padding own: {says}")
    else:
        assert not found


def test_a_mistake_costs_points_where_it_is_needed_and_nowhere_else(
    solution: Solution, sandbox: Sandbox
) -> None:
    source = "def conv_output_size(size, kernel, stride=1, pad=0):\n    return 1"
    hand_in = HandIn("mistake", "convolution", "conv_output_size", "one", source, "x.y")
    trial = try_one(sandbox, solution, hand_in, SEED, whole=True)
    lost = {task for task, _ in trial.lost}
    assert {"conv_output_size", "conv_cost"} <= lost
    assert lost <= {"conv_output_size"} | solution.needing("conv_output_size")
    spilled = replace(trial, lost=(*trial.lost, ("same_padding", 1.0)))
    _, problems = tally([spilled], {"convolution": solution})
    assert any("loses points in same_padding too" in problem for problem in problems)


def test_a_fault_of_the_grader_is_never_counted(solution: Solution) -> None:
    hand_in = HandIn("variant", "convolution", "same_padding", "own", RIGHT)
    counts, problems = tally(
        [Trial(hand_in, 1, True, fault="no worker")], {"convolution": solution}
    )
    assert problems == ["variant same_padding own: the grader failed: no worker"]
    assert counts["same_padding"].failed.all == 0


def test_checks_that_wait_are_tried_for_themselves(solution: Solution, sandbox: Sandbox) -> None:
    hand_in = HandIn("mistake", "convolution", "same_padding", "own", WRONG, "x.y")
    trial = try_one(sandbox, solution, hand_in, SEED)
    hidden = next(c for c in trial.checks if c.name == "many_kernels")
    assert (hidden.verdict, hidden.alone) == ("not attempted", "failed")
    assert named(trial) == named(trial, fresh=True) == "same_padding.true_division"
    quick = try_one(sandbox, solution, hand_in, SEED, every=False)
    untried = next(c for c in quick.checks if c.name == "many_kernels")
    assert (untried.verdict, untried.alone, untried.tried) == ("not attempted",) * 2 + (False,)
    assert quick.lost == trial.lost


def audit(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autograder.cli", "audit", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_prints_and_writes(tmp_path: Path) -> None:
    files = ["--json", str(tmp_path / "a.json"), "--html", str(tmp_path / "a.html")]
    done = audit("--task", "same_padding", "--runs", "2", "--seed", "3", *files)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "same_padding" in done.stdout
    counts = json.loads((tmp_path / "a.json").read_text())
    (task,) = counts["tasks"]
    count = 2 * len(catalogue.mistakes_of("same_padding"))
    assert task["caught"] == {"good": count, "all": count}
    assert {name for name, _ in COLUMNS} <= task.keys()
    assert counts["facts"]["first seed"] == "3"
    page = (tmp_path / "a.html").read_text()
    assert "many_kernels" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "there is no assignment 'nonsense'; there are: convnet, convolution"),
        (["--task", "nonsense"], "there is no task 'nonsense'; there are: "),
        (["--solutions", "nowhere"], "say where they are with --solutions"),
        (["--task", "same_padding", "--kind", "slow"], "there is nothing to hand in"),
        (["--runs", "0"], "'0' is not a number from 1 on"),
    ],
)
def test_wrong_use_is_said(arguments: list[str], says: str) -> None:
    done = audit(*arguments)
    assert done.returncode == 2
    assert says in done.stderr.replace("\n", " ")


def test_an_interrupted_audit_counts_what_is_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "autograder.cli", "audit", "--task", "same_padding"]
    command += ["--runs", "100000", "--json", str(tmp_path / "a.json")]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert "50 of" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "of 100000, interrupted" in said
    (task,) = json.loads((tmp_path / "a.json").read_text())["tasks"]
    assert task["caught"]["all"] >= 20
