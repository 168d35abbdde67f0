"""``race`` in a notebook: who runs, what is said, what is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder import race
from autograder.audit.handins import Solution
from autograder.jupyter import racing
from autograder.suites.convolution import TIMINGS

ROOT = Path(__file__).parent.parent


def notebook(assignment: str, **changed: str) -> dict[str, Any]:
    """The names of the model solution's notebook, with cells of tasks ``changed``."""
    space = Solution(ROOT / "solutions", assignment).namespace(race=race)
    for source in changed.values():
        exec(source, space)
    return space


@pytest.fixture(scope="module")
def convolution() -> dict[str, Any]:
    return notebook("convolution")


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short lines, for what does not need long ones."""
    monkeypatch.setattr(racing, "BUDGET", 0.2)
    monkeypatch.setattr(racing, "PATIENCE", 0.2)


@pytest.mark.parametrize("operator", ["conv_forward", "conv_forward_vectorized"])
def test_four_runners_and_their_names(convolution: dict[str, Any], operator: str) -> None:
    exec(f"result = race(conv_forward_vectorized, {operator!r})", convolution)
    result = convolution["result"]
    by_name = {line.name: line.seconds for line in result.lines}
    assert list(by_name) == ["loops", "yours", "reference", "machine"]
    both = max(set(by_name["loops"]) & set(by_name["yours"]))
    assert by_name["loops"][both] > by_name["yours"][both]  # by more than a hundred times
    assert result.picture.startswith(b"\x89PNG")
    assert "times as fast as the loops" in repr(result)
    assert "for twice the batch" in repr(result)
    assert "data:image/png;base64," in result._repr_html_()


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(
    ("assignment", "function", "operator"),
    [
        ("convolution", "conv_backward_vectorized", "conv_backward"),
        ("pooling", "avg_pool_backward_vectorized", "avg_pool_backward"),
        ("normalization", "batchnorm_forward", "batchnorm_forward"),
        ("normalization", "spatial_batchnorm_backward", "spatial_batchnorm_backward"),
    ],
)
def test_every_kind_of_operator_can_run(assignment: str, function: str, operator: str) -> None:
    space = notebook(assignment)
    exec(f"result = race({function}, {operator!r})", space)
    assert {"yours", "reference", "machine"} <= {line.name for line in space["result"].lines}


@pytest.mark.usefixtures("patience")
def test_loops_of_ones_own_may_be_named(convolution: dict[str, Any]) -> None:
    exec("result = race(conv_forward_naive, 'conv_forward', conv_forward_naive)", convolution)
    lines = {line.name: line for line in convolution["result"].lines}
    assert len(lines["yours"].seconds) < len(racing.batches(TIMINGS["conv_forward_vectorized"]))


@pytest.mark.usefixtures("patience")
def test_what_is_not_written_yet_is_said(convolution: dict[str, Any]) -> None:
    space = dict(convolution)
    exec("def empty(x, w, b, conv_param):\n    raise NotImplementedError", space)
    with pytest.raises(NotImplementedError, match="not written yet"):
        exec("race(empty, 'conv_forward')", space)


def test_an_unknown_operator_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="conv_forward, conv_backward"):
        race(print, "softmax")


def test_growth_is_a_factor_for_twice_the_batch() -> None:
    line = racing.Line("loops", {n: 0.001 * n**2 for n in (1, 2, 4, 8)})
    assert line.growth() == pytest.approx(4)


def test_every_operator_with_a_limit_has_its_stored_line() -> None:
    raced = set(racing._stored())
    for assignment in ("convolution", "pooling", "normalization"):
        suite = __import__(f"autograder.suites.{assignment}", fromlist=["PROTOCOL"])
        for task in suite.TIMINGS:
            assert suite.PROTOCOL.operator_of(task) in raced
