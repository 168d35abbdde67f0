"""Which known mistake is named, and how differences are described when none is."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.assertions import pattern, values
from autograder.assertions.diagnosis import Observation, Others, culprits
from autograder.report import Finding
from autograder.suites.convolution import PROTOCOL
from autograder.suites.normalization import PROTOCOL as NORMALIZATION
from autograder.vectors import Case, Outcome, stored
from autograder.worker.host import LiveSubmission

ZEROS, ONES = np.zeros((2, 3)), np.ones((2, 3))


def case(expected: Any, *outcomes: Outcome, raises: str | None = None) -> Case:
    return Case("f", "basic: made up", {}, expected, raises, outcomes=lambda: outcomes)


def named(observation: Observation, *elsewhere: Observation, parts: int = 1) -> tuple[str, ...]:
    others = Others(lambda: elsewhere, values.agree)
    return culprits(observation, parts, others, values.agree)


def test_an_equal_result_is_named() -> None:
    first = case(ZEROS, Outcome(("f.ones",), ONES), Outcome(("f.twos",), 2 * ONES))
    assert named(Observation(first, 2 * ONES)) == ("f.twos",)
    assert named(Observation(first, 3 * ONES)) == ()


def test_what_it_does_elsewhere_decides_between_equal_ones() -> None:
    first = case(ZEROS, Outcome(("f.frequent", "f.special"), ONES))
    right_there = case(ZEROS, Outcome(("f.frequent",), ONES))
    wrong_there = case(ZEROS, Outcome(("f.frequent",), ONES), Outcome(("f.special",), 2 * ONES))
    assert named(Observation(first, ONES)) == ("f.frequent",)
    assert named(Observation(first, ONES), Observation(right_there, ZEROS)) == ("f.special",)
    assert named(Observation(first, ONES), Observation(wrong_there, 2 * ONES)) == ("f.special",)
    assert named(Observation(first, ONES), Observation(wrong_there, ONES)) == ("f.frequent",)


def test_gradients_are_compared_each_on_its_own() -> None:
    right = (ZEROS, ZEROS, ZEROS)
    first = case(
        right, Outcome(("f.dx",), (ONES, ZEROS, ZEROS)), Outcome(("f.db",), (ZEROS, ZEROS, ONES))
    )
    assert named(Observation(first, (ONES, ZEROS, ONES)), parts=3) == ("f.dx", "f.db")
    assert named(Observation(first, (ONES, 7 * ONES, ZEROS)), parts=3) == ("f.dx",)
    assert named(Observation(first, (ONES, ZEROS, ZEROS)), parts=3) == ("f.dx",)


def test_a_number_met_by_chance_is_not_named() -> None:
    first = case(3, Outcome(("f.four",), 4))
    elsewhere = Observation(case(5, Outcome(("f.four",), 6)), 5)
    assert named(Observation(first, 4), elsewhere) == ()
    agreeing = Observation(case(5, Outcome(("f.four",), 6)), 6)
    assert named(Observation(first, 4), agreeing) == ("f.four",)


def test_exceptions_are_compared_too() -> None:
    first = case(ZEROS, Outcome(("f.breaks",), raises="IndexError"))
    seen = Observation(first, raised="IndexError")
    assert named(seen, seen) == ("f.breaks",)
    assert named(Observation(first, raised="TypeError"), seen) == ()
    refusing = case(None, Outcome(("f.accepts",), ONES), raises="ValueError")
    assert named(Observation(refusing, ONES)) == ("f.accepts",)


def test_single_precision_is_recognised_by_its_size() -> None:
    exact = np.linspace(1, 2, 6).reshape(2, 3)
    first = case(exact, Outcome(("f.single",), varies="slightly"))
    assert named(Observation(first, exact * (1 + 3e-8))) == ("f.single",)
    assert named(Observation(first, exact * 1.01)) == ()


def test_what_was_never_written_is_compared_as_nan() -> None:
    first = case(ZEROS, Outcome(("f.forgets",), np.where(ONES > 0, np.nan, 0.0)))
    filled = np.frombuffer(b"\x7f" * 48).reshape(2, 3)
    assert named(Observation(first, filled)) == ("f.forgets",)


def test_likely_ones_are_tried_first() -> None:
    asked = []

    def search(without: Any) -> list[Outcome]:
        asked.append(set(without))
        return [Outcome(("f.special",), ONES)]

    computed = Case("f", "hidden", {}, ZEROS, search=search)
    elsewhere = Observation(case(ZEROS, Outcome(("f.frequent",), ONES)), ZEROS)
    assert named(Observation(computed, ONES), elsewhere) == ("f.special",)
    assert asked == [{"f.frequent"}]


def finding(protocol: Any, task: str, function: Callable[..., Any], group: str) -> Finding:
    """What the public cases of a group say about ``function``."""
    operator = protocol.operator_of(task)
    cases = [c for c in stored(protocol.assignment)[0] if c.operator == operator]
    submission = LiveSubmission({task: function})
    for one in cases:
        if one.label.startswith(f"{group}:"):
            try:
                protocol.expect_values(submission, task, one)
            except Finding as found:
                return found
    raise AssertionError("nothing was found")


def test_the_message_says_the_mistake_and_helps() -> None:
    found = finding(PROTOCOL, "same_padding", lambda kernel: (kernel - 1) / 2, "basic")
    assert found.mistake == "same_padding.true_division"
    assert "exactly what you get when the division gives a floating-point number" in found.message
    assert found.hint


def test_stored_outcomes_suffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The student edition has no code of mistakes."""
    import sys

    for name in [n for n in sys.modules if n.startswith("autograder.mistakes")]:
        monkeypatch.setitem(sys.modules, name, None)

    def flipped(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
        p, s = conv_param["pad"], conv_param["stride"]
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        rows, columns = ((xp.shape[i] - w.shape[i]) // s + 1 for i in (2, 3))
        out = np.zeros((len(x), len(w), rows, columns))
        for i in range(rows):
            for j in range(columns):
                window = xp[:, :, i * s : i * s + w.shape[2], j * s : j * s + w.shape[3]]
                out[:, :, i, j] = np.einsum("nchw,fchw->nf", window, w[:, :, ::-1, ::-1]) + b
        return out, (x, w, b, conv_param)

    found = finding(PROTOCOL, "conv_forward_naive", flipped, "basic")
    assert found.mistake == "conv_forward.kernel_flipped"


def test_two_mistakes_at_once_are_both_named() -> None:
    def forward(x: Any, gamma: Any, beta: Any, ln_param: Any) -> Any:
        mean, var = x.mean(1, keepdims=True), x.var(1, keepdims=True)
        std = np.sqrt(var + ln_param.get("eps", 1e-5))
        hat = (x - mean) / std
        return gamma * hat + beta, (hat, std, gamma)

    def backward(dout: Any, cache: Any) -> Any:
        hat, std, gamma = cache
        d = dout * gamma
        dx = (d - d.mean(1, keepdims=True) - hat * (d * hat).mean(1, keepdims=True)) / std
        return dx, dout.sum(0), (dout * hat).sum(0)

    cases = [c for c in stored("normalization")[0] if c.operator == "layernorm_backward"]
    submission = LiveSubmission({"layernorm_forward": forward, "layernorm_backward": backward})
    with pytest.raises(Finding) as caught:
        NORMALIZATION.expect_values(submission, "layernorm_backward", cases[0])
    assert caught.value.mistake == "layernorm_backward.dgamma_and_dbeta_swapped"


RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(1, 2, (2, 3, 4, 4))
BORDER = np.ones((4, 4), bool)
BORDER[1:-1, 1:-1] = False


def changed(where: Any, value: float = 9.0) -> Any:
    result = IMAGES.copy()
    result[where] = value
    return result


@pytest.mark.parametrize(
    ("got", "says"),
    [
        (np.zeros_like(IMAGES), "All your values are zero"),
        (-IMAGES, "opposite sign"),
        (3 * IMAGES, "3 times the expected ones, and that is the number of channels"),
        (IMAGES / 2, "0.5 times the expected ones, and that is 1 / the number of images"),
        (0.3 * IMAGES, "0.3 times the expected ones."),
        (IMAGES + 0.25, "all off by the same number"),
        (IMAGES + np.arange(1.0, 4).reshape(1, 3, 1, 1), "Each channel is off by a constant"),
        (IMAGES * np.arange(2.0, 5).reshape(1, 3, 1, 1), "Each channel is multiplied by a number"),
        (np.trunc(IMAGES), "cut to whole numbers"),
        (np.rint(IMAGES), "rounded to whole numbers"),
        (IMAGES.astype(np.float32), "as arithmetic in float32 loses"),
        (IMAGES.swapaxes(2, 3), "row and column are swapped"),
        (IMAGES[:, :, ::-1, ::-1], "the rows and columns run backwards"),
        (IMAGES[:, :, :, ::-1], "the columns run backwards"),
        (np.where(BORDER, 0, IMAGES), "zero in yours"),
        (np.where(BORDER, IMAGES + RNG.random(IMAGES.shape), IMAGES), "Only values at the border"),
        (changed((slice(1, None),)), "the first one is right"),
        (changed((slice(None), 1)), "All values of channel 1 differ, and no others"),
        (changed((0, 1, 2)), "Only image 0 is touched"),
        (np.where(np.isnan(IMAGES) | (IMAGES > 1.9), np.nan, IMAGES), "not finite"),
        (changed((0, 0, 0, 0), np.frombuffer(b"\x7f" * 8)[0]), "1 values were never written"),
    ],
)
def test_patterns(got: Any, says: str) -> None:
    bad = ~(np.abs(got - IMAGES) <= 1e-9)
    assert says in pattern.pattern(got, IMAGES, bad, {"x": IMAGES})


def test_every_second_row_is_seen() -> None:
    expected = RNG.random((2, 3, 6, 6))
    got = expected.copy()
    got[:, :, ::2] += RNG.random((2, 3, 3, 6))
    bad = ~(np.abs(got - expected) <= 1e-9)
    assert "every second row" in pattern.pattern(got, expected, bad)


def test_moved_values_are_seen() -> None:
    expected = RNG.random((1, 1, 5, 5))
    got = np.zeros_like(expected)
    got[:, :, 1:] = expected[:, :, :-1]
    bad = ~(np.abs(got - expected) <= 1e-9)
    assert "moved by 1 row" in pattern.pattern(got, expected, bad)


def test_ties_and_zeros_are_seen() -> None:
    x = np.arange(16.0).reshape(1, 1, 4, 4) + 1
    x[0, 0, 0, :2] = 3.0
    bad = np.zeros(x.shape, bool)
    bad[0, 0, 0, 0] = True
    got = np.where(bad, 5.0, x)
    assert "the same value more than once" in pattern.pattern(got, x, bad, {"x": x})
    x[0, 0, 0, 0] = 0.0
    assert "where x is exactly zero" in pattern.pattern(got, x, bad, {"x": x})


@pytest.mark.parametrize(
    ("got", "says"),
    [
        (IMAGES[:, :, :3].transpose(0, 2, 3, 1), "transpose(0, 3, 1, 2) mends it"),
        (IMAGES[:, :, :3].reshape(2, 3, 12), "the shape is not"),
        (IMAGES[:, :, :2], "Along axis 2 (rows) it is 1 too short."),
        (IMAGES[:, :2, :2], "Along axis 1 (channels) and axis 2 (rows) it is 1 too short."),
        (np.ones(5), "1 axes in place of 4"),
        (np.zeros((2, 4, 3, 3)), "The axes are in another order."),
    ],
)
def test_wrong_shapes_are_explained(got: Any, says: str) -> None:
    assert says in pattern.of_shapes(got, IMAGES[:, :, :3])


def test_nothing_is_said_where_nothing_stands_out() -> None:
    got = IMAGES + RNG.standard_normal(IMAGES.shape)
    assert pattern.pattern(got, IMAGES, np.ones(IMAGES.shape, bool)) == ""


def test_hidden_checks_say_no_values() -> None:
    found = finding(PROTOCOL, "conv_forward_naive", lambda x, w, b, p: (x, None), "basic")
    assert "expected" not in found.brief
    assert "Tested with x (1, 1, 4, 4)" in found.brief


def test_a_submission_is_not_kept_for_what_was_seen_of_it() -> None:
    submission = LiveSubmission({"same_padding": lambda kernel: (kernel - 1) / 2})
    cases = [c for c in stored("convolution")[0] if c.operator == "same_padding"]
    with pytest.raises(Finding):
        PROTOCOL.expect_values(submission, "same_padding", cases[0])
    alive = weakref.ref(submission)
    del submission
    gc.collect()
    assert alive() is None
