"""Hidden checks of the convolution assignment: fresh inputs, expected values from the reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autograder.assertions import values
from autograder.assertions.speed import expect_fast
from autograder.language import say
from autograder.reference import convolution as reference
from autograder.report import Finding
from autograder.suites.convolution import (
    BACKWARD,
    FORWARD,
    LARGE,
    PROTOCOL,
    TIMINGS,
    VECTORIZED,
    arguments_of,
)
from autograder.suites.hidden.oracle import Oracle
from autograder.worker.host import Submission

ORACLE = Oracle(PROTOCOL, reference)
compare, compare_all = ORACLE.compare, ORACLE.compare_all
Rng = np.random.Generator
PLANE = ("conv_forward_naive", "conv_forward_vectorized", *BACKWARD)


@pytest.mark.check("conv_output_size", title="many sizes", weight=2, needs="basic")
def test_many_sizes(submission: Submission, task: str, shapes: Rng) -> None:
    calls = [
        {
            "size": int(shapes.integers(1, 40)),
            "kernel": int(shapes.integers(1, 9)),
            "stride": int(shapes.integers(1, 4)),
            "pad": int(shapes.integers(0, 4)),
        }
        for _ in range(60)
    ]
    for size, pad in ((1, 0), (4, 0), (3, 2)):
        # One more than fits: the formula gives no place at all, but no negative number either.
        calls.append({"size": size, "kernel": size + 2 * pad + 1, "stride": 1, "pad": pad})
    compare_all(submission, task, calls)


@pytest.mark.check(
    ("conv_output_size", "conv_cost"), title="stride and padding left out", needs="basic"
)
def test_defaults(submission: Submission, task: str, shapes: Rng) -> None:
    calls: list[dict[str, Any]] = []
    for _ in range(4):
        kernel, more = (int(v) for v in shapes.integers((1, 0), (6, 9)))
        if task == "conv_output_size":
            calls.append({"size": kernel + more, "kernel": kernel})
        else:
            in_shape = (2, kernel + more, kernel + 1)
            calls.append({"in_shape": in_shape, "num_filters": 3, "kernel": kernel})
    compare_all(submission, task, calls)


@pytest.mark.check("same_padding", title="all kernels up to 40", weight=2, needs="basic")
def test_many_kernels(submission: Submission, task: str) -> None:
    compare_all(submission, task, ({"kernel": kernel} for kernel in range(1, 41)))


@pytest.mark.check("conv_cost", title="other layers", weight=2, needs="basic")
def test_many_layers(submission: Submission, task: str, shapes: Rng) -> None:
    calls: list[dict[str, Any]] = []
    for _ in range(20):
        kernel, stride, pad = (int(v) for v in shapes.integers((1, 1, 0), (6, 4, 3)))
        steps = shapes.integers(1, 9, size=2)
        h, w = (max(1, int(kernel + stride * s - 2 * pad)) for s in steps)
        if (h + 2 * pad - kernel) % stride or (w + 2 * pad - kernel) % stride:
            continue
        if kernel > min(h, w) + 2 * pad:
            continue
        calls.append(
            {
                "in_shape": (int(shapes.integers(1, 9)), h, w),
                "num_filters": int(shapes.integers(1, 20)),
                "kernel": kernel,
                "stride": stride,
                "pad": pad,
            }
        )
    # One channel, one filter, as high as the picture.
    calls.append({"in_shape": (1, 3, 4), "num_filters": 1, "kernel": 3, "stride": 1, "pad": 0})
    compare_all(submission, task, calls)


@pytest.mark.check("receptive_field", title="deep stacks", weight=2, needs="basic")
def test_deep_stacks(submission: Submission, task: str, shapes: Rng) -> None:
    stacks: list[list[tuple[int, int]]] = [[]]
    for _ in range(20):
        depth = int(shapes.integers(1, 8))
        stacks.append([(int(k), int(s)) for k, s in shapes.integers(1, (8, 4), size=(depth, 2))])
    compare_all(submission, task, ({"layers": layers} for layers in stacks))


def layer(
    shapes: Rng, rng: Rng, task: str, dtype: Any = np.float64, **fixed: int
) -> dict[str, Any]:
    """Arguments of a plane layer of random sizes that fit; ``fixed`` sets some of them."""
    pick: Mapping[str, int] = {
        name: int(shapes.integers(*bounds))
        for name, bounds in {
            "N": (1, 4), "C": (1, 4), "F": (1, 5), "KH": (1, 5), "KW": (1, 5),
            "stride": (1, 4), "pad": (0, 3), "SH": (1, 4), "SW": (1, 4),
        }.items()
    }  # fmt: skip
    p = {**pick, **fixed}
    h = max(p["KH"] + p["stride"] * p["SH"] - 2 * p["pad"], 1)
    w = max(p["KW"] + p["stride"] * p["SW"] - 2 * p["pad"], 1)
    h += (-(h + 2 * p["pad"] - p["KH"])) % p["stride"]
    w += (-(w + 2 * p["pad"] - p["KW"])) % p["stride"]
    x = rng.standard_normal((p["N"], p["C"], h, w)).astype(dtype)
    kernel = rng.standard_normal((p["F"], p["C"], p["KH"], p["KW"])).astype(dtype)
    b = rng.standard_normal((p["F"],)).astype(dtype)
    param = {"stride": p["stride"], "pad": p["pad"]}
    inputs = {"x": x, "w": kernel, "b": b, "conv_param": param}
    if task in BACKWARD:
        out = reference.conv_forward(x, kernel, b, param)
        dout = np.asarray(rng.standard_normal(out.shape))
        return {"dout": dout.astype(dtype), **inputs}
    return inputs


@pytest.mark.check(PLANE, title="random shapes, strides and paddings", weight=4, needs="basic")
def test_random_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    compare_all(
        submission,
        task,
        (
            layer(shapes, rng, task, stride=stride, pad=pad)
            for stride in (1, 2, 3)
            for pad in (0, 1, 2, 3)
        ),
    )


@pytest.mark.check(PLANE, title="single images, channels, filters and pixels", needs="basic")
def test_ones(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    single = ({"N": 1}, {"C": 1}, {"F": 1}, {"KH": 1, "KW": 1}, {"SH": 0, "SW": 0, "pad": 0})
    compare_all(submission, task, (layer(shapes, rng, task, **fixed) for fixed in single))


@pytest.mark.check(PLANE, title="float32 arrays", needs="basic")
def test_float32(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    compare(
        submission,
        task,
        **layer(shapes, rng, task, np.float32, stride=2, pad=1, KH=3, KW=2, SH=3, SW=2),
    )


@pytest.mark.check(PLANE, title="the same result twice", needs="basic")
def test_twice(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    first, second = layer(shapes, rng, task, stride=1), layer(shapes, rng, task, stride=2)
    PROTOCOL.expect_same_twice(submission, task, first, second)


@pytest.mark.check(BACKWARD, title="adjoint of the forward pass", needs="basic")
def test_adjoint(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    arguments = layer(shapes, rng, task, stride=2, pad=1)
    dout, x, w, b, param = arguments.values()
    got = PROTOCOL.run(submission, task, arguments)
    if type(got) not in (tuple, list) or len(got) != 3:
        raise Finding(say("It must return three values: dx, dw, db."))
    still = np.zeros_like(b)
    product = float(np.vdot(reference.conv_forward(x, w, still, param), dout))
    for name, gradient, value in zip(("dx", "dw"), got, (x, w), strict=False):
        if getattr(gradient, "shape", None) != value.shape or not (
            abs(float(np.vdot(gradient, value)) - product) <= 1e-9 * max(1.0, abs(product))
        ):
            raise Finding(
                say(
                    "{name} is not the adjoint of the forward pass: <conv(x), dout> differs.",
                    name=name,
                )
            )


@pytest.mark.check("conv1x1_forward", title="other shapes", weight=3, needs="basic")
def test_1x1_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    calls = []
    for _ in range(6):
        n, c, f, h, w = (int(v) for v in shapes.integers(1, 6, size=5))
        calls.append(
            {
                "x": rng.standard_normal((n, c, h, w)),
                "w": rng.standard_normal((f, c)),
                "b": rng.standard_normal(f),
            }
        )
    compare_all(submission, task, calls)


@pytest.mark.check("compose_convs", title="other shapes", weight=3, needs="basic")
def test_composed_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    calls = []
    for _ in range(6):
        c, m, f = (int(v) for v in shapes.integers(1, 5, size=3))
        h1, w1, h2, w2 = (int(v) for v in shapes.integers(1, 5, size=4))
        calls.append(
            {
                "w1": rng.standard_normal((m, c, h1, w1)),
                "w2": rng.standard_normal((f, m, h2, w2)),
            }
        )
    compare_all(submission, task, calls)


@pytest.mark.check(
    ("conv1x1_forward", "compose_convs"), title="the same result twice", needs="basic"
)
def test_products_twice(submission: Submission, task: str, rng: Rng) -> None:
    one, two = rng.standard_normal((2, 2, 2, 2, 2))
    if task == "compose_convs":
        first, second = {"w1": one, "w2": two}, {"w1": two, "w2": one}
    else:
        w, b = rng.standard_normal((3, 2)), rng.standard_normal(3)
        first, second = {"x": one, "w": w, "b": b}, {"x": two, "w": w, "b": b}
    PROTOCOL.expect_same_twice(submission, task, first, second)


@pytest.mark.check("conv1d_forward", title="other shapes", weight=3, needs="basic")
def test_1d_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    _other_shapes(submission, task, shapes, rng, 1)


@pytest.mark.check("conv3d_forward", title="other shapes", weight=3, needs="basic")
def test_3d_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    _other_shapes(submission, task, shapes, rng, 3)


def _other_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng, axes: int) -> None:
    calls: list[dict[str, Any]] = []
    for stride in (1, 2, 3):
        for pad in (0, 1):
            n, c, f = (int(v) for v in shapes.integers(1, 4, size=3))
            kernel = [int(v) for v in shapes.integers(1, 4, size=axes)]
            steps = shapes.integers(1, 4, size=axes)
            size = [
                max(1, int(k + stride * s - 2 * pad)) for k, s in zip(kernel, steps, strict=True)
            ]
            size = [s + (-(s + 2 * pad - k)) % stride for s, k in zip(size, kernel, strict=True)]
            calls.append(
                {
                    "x": rng.standard_normal((n, c, *size)),
                    "w": rng.standard_normal((f, c, *kernel)),
                    "b": rng.standard_normal(f),
                    "conv_param": {"stride": stride, "pad": pad},
                }
            )
    for side in (1, 3):
        # A single place: the filter is as large as x.
        calls.append(
            {
                "x": rng.standard_normal((2, 2, *[side] * axes)),
                "w": rng.standard_normal((2, 2, *[side] * axes)),
                "b": rng.standard_normal(2),
                "conv_param": {"stride": 1, "pad": 0},
            }
        )
    compare_all(submission, task, calls)


@pytest.mark.check(FORWARD, title="filters one pixel too large", needs="basic")
def test_one_too_large(submission: Submission, task: str, rng: Rng) -> None:
    """The formula gives no place at all along one axis, but no negative number either."""
    axes = {"conv1d_forward": 1, "conv3d_forward": 3}.get(task, 2)
    calls: list[dict[str, Any]] = []
    for axis in range(axes):
        for pad in (0, 1):
            kernel = [2] * axes
            kernel[axis] = 4 + 2 * pad + 1
            calls.append(
                {
                    "x": rng.standard_normal((2, 2, *[4] * axes)),
                    "w": rng.standard_normal((3, 2, *kernel)),
                    "b": rng.standard_normal(3),
                    "conv_param": {"stride": 1, "pad": pad},
                }
            )
    compare_all(submission, task, calls)


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
