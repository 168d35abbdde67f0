"""Hidden checks of the pooling assignment: fresh inputs, expected values from the reference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autograder.assertions import values
from autograder.assertions.speed import expect_fast
from autograder.language import say
from autograder.reference import pooling as reference
from autograder.report import Finding
from autograder.suites.hidden.oracle import Oracle
from autograder.suites.pooling import (
    BACKWARD,
    CONVENTIONS,
    FORWARD,
    LARGE,
    MAX_BACKWARD,
    PROTOCOL,
    TIMINGS,
    VECTORIZED,
    arguments_of,
    expect_one_convention,
)
from autograder.worker.host import Submission

ORACLE = Oracle(PROTOCOL, reference)
Rng = np.random.Generator
Array = np.ndarray[Any, Any]
LAYERS = (*FORWARD, *BACKWARD)


def image(rng: Rng, shape: tuple[int, ...], dtype: Any = np.float64) -> Array:
    """Numbers from −1 to 1 in random order, no two of them equal, not even in ``float32``."""
    size = int(np.prod(shape))
    numbers = (rng.permutation(size) + rng.random()) / size
    return np.asarray((2 * numbers - 1).reshape(shape), dtype)


def layer(
    shapes: Rng, rng: Rng, task: str, dtype: Any = np.float64, **fixed: int
) -> dict[str, Any]:
    """Arguments of a layer of random sizes that fit; ``fixed`` sets some of them.

    ``SH`` and ``SW`` are the steps that the window takes downwards and to the right.
    """
    pick = {
        name: int(shapes.integers(*bounds))
        for name, bounds in {
            "N": (1, 4), "C": (1, 4), "KH": (1, 5), "KW": (1, 5), "stride": (1, 4),
            "SH": (1, 4), "SW": (1, 4),
        }.items()
    }  # fmt: skip
    p = {**pick, **fixed}
    height, width = p["KH"] + p["stride"] * p["SH"], p["KW"] + p["stride"] * p["SW"]
    param = {"pool_height": p["KH"], "pool_width": p["KW"], "stride": p["stride"]}
    inputs = {"x": image(rng, (p["N"], p["C"], height, width), dtype), "pool_param": param}
    if task in FORWARD:
        return inputs
    dout = np.asarray(rng.standard_normal((p["N"], p["C"], p["SH"] + 1, p["SW"] + 1)), dtype)
    return {"dout": dout, **inputs}


@pytest.mark.check(LAYERS, title="random shapes, windows and strides", weight=4, needs="basic")
def test_random_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    strides = [stride for stride in (1, 2, 3) for _ in range(4)]
    calls = (layer(shapes, rng, task, stride=stride) for stride in strides)
    ORACLE.compare_all(submission, task, calls)


@pytest.mark.check(LAYERS, title="single images, channels, pixels and places", needs="basic")
def test_ones(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    single: tuple[dict[str, int], ...] = (
        {"N": 1},
        {"C": 1},
        {"KH": 1, "KW": 1},
        {"KH": 1, "KW": 3, "SH": 0},
        {"KH": 3, "KW": 1, "SW": 0},
        {"SH": 0, "SW": 0},
    )
    calls = (layer(shapes, rng, task, **fixed) for fixed in single)
    ORACLE.compare_all(submission, task, calls)


@pytest.mark.check(LAYERS, title="other float32 arrays", needs="basic")
def test_single_precision(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    for stride in (1, 3):
        arguments = layer(shapes, rng, task, np.float32, stride=stride, KH=2, KW=3)
        case = ORACLE.case(task, **arguments)
        PROTOCOL.expect_values(submission, task, case)
        PROTOCOL.expect_dtype(submission, task, case)


@pytest.mark.check(FORWARD, title="other sizes that do not fit", needs="basic")
def test_misfits(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    calls = []
    for stride in (2, 3, 4):
        for name in ("x one row short", "x one column short", "too high", "too wide"):
            arguments = layer(shapes, rng, task, stride=stride, KH=3, KW=3)
            x, param = arguments["x"], arguments["pool_param"]
            if name == "x one row short":
                arguments["x"] = x[:, :, 1:].copy()
            elif name == "x one column short":
                arguments["x"] = x[:, :, :, 1:].copy()
            elif name == "too high":
                arguments["pool_param"] = {**param, "pool_height": x.shape[2] + stride}
            else:
                arguments["pool_param"] = {**param, "pool_width": x.shape[3] + stride}
            calls.append(arguments)
    ORACLE.compare_all(submission, task, calls)


@pytest.mark.check(LAYERS, title="the same result twice", needs="basic")
def test_twice(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    first, second = layer(shapes, rng, task, stride=1), layer(shapes, rng, task, stride=2)
    PROTOCOL.expect_same_twice(submission, task, first, second)


def _other_conventions(task: str, **arguments: Any) -> list[Any]:
    case = ORACLE.case(task, **arguments)
    return [
        replace(case, expected=reference.OPERATORS[operator](**arguments))
        for operator in CONVENTIONS
    ]


@pytest.mark.check(MAX_BACKWARD, title="other equal maxima", weight=2, needs="basic")
def test_equal_maxima(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    # The first maximum lies above and to the left of the others, and the last below and to the
    # right, so that reading a window by rows or by columns makes no difference.
    for stride in (1, 2, 3):
        arguments = layer(shapes, rng, task, stride=stride, KH=2, KW=3)
        plain = np.round(rng.standard_normal((*arguments["x"].shape[:2], 1, 1)), 1)
        arguments["x"] = np.broadcast_to(plain, arguments["x"].shape).copy()
        cases = _other_conventions(task, **arguments)
        expect_one_convention(submission, task, cases)
    for side in (2, 3):
        arguments = layer(shapes, rng, task, stride=side, KH=side, KW=side)
        for corner in (0, side - 1):
            arguments["x"][:, :, corner::side, corner::side] = 2.5
        cases = _other_conventions(task, **arguments)
        expect_one_convention(submission, task, cases)


@pytest.mark.check(BACKWARD, title="as much gradient comes out as goes in", needs="basic")
def test_adjoint(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    # Both layers are positively homogeneous, so that <x, dx> = <out, dout>; and a constant added to
    # x is added to out, so that the sums of dx and dout are equal. Rounding is far below 1e-9 for
    # some hundred numbers of the size 1.
    arguments = layer(shapes, rng, task, stride=2, KH=3, KW=4, SH=3, SW=2)
    dout, x, param = arguments.values()
    dx = PROTOCOL.run(submission, task, arguments)
    forward = reference.OPERATORS[PROTOCOL.operator_of(task).replace("backward", "forward")]
    if type(dx) is not np.ndarray or dx.shape != x.shape:
        raise Finding(say("dx must have the shape of x."))
    product = float(np.vdot(forward(x, param), dout))
    if not abs(float(np.vdot(x, dx)) - product) <= 1e-9 * max(1.0, abs(product)):
        raise Finding(say("The sum of x · dx must be the sum of out · dout, and is not."))
    if not abs(float(dx.sum()) - float(dout.sum())) <= 1e-9 * float(np.abs(dout).sum()):
        raise Finding(say("The sum of dx must be the sum of dout, and is not."))


@pytest.mark.check(
    "shift_response", title="other layers, images and shifts", weight=4, needs="basic"
)
def test_many_shifts(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    calls: list[dict[str, Any]] = []
    for name in reference.LAYERS:
        for _ in range(4):
            c, h, w = (int(v) for v in shapes.integers((1, 2, 3), (4, 7, 9)))
            shift = int(shapes.integers(-3, 12))
            calls.append({"layer": name, "image": rng.standard_normal((c, h, w)), "shift": shift})
    ORACLE.compare_all(submission, task, calls)


@pytest.mark.check(
    VECTORIZED, title="fast enough, and right meanwhile", weight=4, needs=("basic", "vectorized")
)
def test_speed(submission: Submission, task: str, rng: Rng) -> None:
    given: list[dict[str, Any]] = []
    operator = reference.OPERATORS[PROTOCOL.operator_of(task)]

    def make() -> list[Any]:
        given.append(arguments_of(task, rng, LARGE))
        return PROTOCOL.inside(submission, task, given[-1])

    def verify(call: Any, result: Any) -> None:
        PROTOCOL.forget(submission, call)
        if task in FORWARD:
            result = result[0] if type(result) in (tuple, list) and result else None
        if not values.agree(result, operator(**given[-1])):
            raise Finding(say("For larger arrays the result is wrong."))

    expect_fast(submission, task, make, verify, TIMINGS[task].limit)
