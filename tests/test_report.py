"""The report's data model, its JSON form and the sharing of points."""

from __future__ import annotations

import json
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.report import SCHEMA_FILE, CheckReport, HandGraded, Report, TaskReport, share_out


@given(st.integers(0, 10_000), st.lists(st.floats(0.01, 100), min_size=1, max_size=30))
def test_shares_sum_to_the_cent(cents: int, weights: list[float]) -> None:
    shares = share_out(cents / 100, weights)
    assert sum(Decimal(str(share)) for share in shares) == Decimal(cents) / 100
    assert all(share >= 0 for share in shares)


def test_shares_follow_the_weights() -> None:
    assert share_out(10, [1, 1, 2]) == [2.5, 2.5, 5.0]
    assert share_out(1, [1, 1, 1]) == [0.34, 0.33, 0.33]
    assert share_out(5, []) == []


def example() -> Report:
    check = CheckReport("basic", "first examples", "failed", False, 0, 2, "é\ud7ff", "h", "m", 0.1)
    task = TaskReport("conv_cost", "Cost", 0, 2, (check,))
    return Report(
        "convolution", "ada", "graded", "bubblewrap", 0, 2, (task,), (HandGraded("w", "W", 3),)
    )


def test_json_follows_the_schema_and_comes_back() -> None:
    schema = json.loads(SCHEMA_FILE.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    text = example().to_json()
    jsonschema.validate(json.loads(text), schema)
    assert Report.from_json(text) == example()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 99}'])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Report.from_json(text)
