"""Hidden checks of the normalization assignment: fresh inputs, expected values from the reference,
and properties that need none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder.assertions import values
from autograder.assertions.speed import expect_fast
from autograder.language import say
from autograder.reference import convolution
from autograder.reference import normalization as reference
from autograder.report import Finding
from autograder.suites.hidden.oracle import Oracle
from autograder.suites.normalization import (
    BACKWARD,
    FORWARD,
    LAYERS,
    OUTPUT,
    PROTOCOL,
    STATELESS,
    TIMED,
    TIMINGS,
    WITH_STATE,
    arguments_of,
    shape_of,
)
from autograder.worker.host import Submission

ORACLE = Oracle(PROTOCOL, reference)
compare, compare_all = ORACLE.compare, ORACLE.compare_all
Rng = np.random.Generator
Array = np.ndarray[Any, Any]
GROUPED = ("spatial_groupnorm_forward", "spatial_groupnorm_backward")

TINY_EPS = 1e-10
"""Small enough that a property which holds for eps = 0 holds to 1e-6: variances are above 1e-2."""


def sizes(shapes: Rng, **fixed: int) -> dict[str, int]:
    """Random sizes of ``shape_of``. At least four values share a mean, whatever the layer: with two
    of them the gradient is nearly zero, a difference of numbers that cancel."""
    bounds = {"N": (4, 8), "G": (1, 4), "K": (4, 6), "H": (2, 5), "W": (2, 5)}
    return {name: int(shapes.integers(*pair)) for name, pair in bounds.items()} | fixed


def state(rng: Rng, features: int, dtype: Any = np.float64) -> dict[str, Array]:
    """Running statistics as they may stand after some batches."""
    return {
        "running_mean": rng.uniform(-2, 2, features).astype(dtype),
        "running_var": rng.uniform(0.2, 4, features).astype(dtype),
    }


def features(size: dict[str, int]) -> int:
    return size["G"] * size["K"]


def settings(task: str, shapes: Rng, rng: Rng, size: dict[str, int]) -> dict[str, Any]:
    """Settings for ``task``: an ``eps``, and for batch norm a momentum and running statistics."""
    param: dict[str, Any] = {"eps": float(shapes.choice([1e-5, 1e-3, 0.3]))}
    if "batchnorm" in task:
        param["momentum"] = float(shapes.choice([0.5, 0.9, 0.99]))
        param |= state(rng, features(size))
    return param


def along_features(task: str, value: Array) -> Array:
    """A value for each feature, laid along the features of ``x``."""
    return value[:, None, None] if task.startswith("spatial") else value


def axes(task: str) -> tuple[int, ...]:
    """The axes of ``x`` over which ``task`` takes its mean; of group norm those of one group."""
    if task.startswith("batchnorm"):
        return (0,)
    if task.startswith("layernorm"):
        return (1,)
    return (0, 2, 3) if "batchnorm" in task else (2, 3)


def array(task: str, value: Any, shape: tuple[int, ...]) -> Array:
    """``value`` if it is an array of real numbers of ``shape``; raises a :class:`Finding`."""
    if type(value) is not np.ndarray or value.shape != shape or value.dtype.kind != "f":
        raise Finding(
            say(
                "{task} must return an array of shape {shape} with real numbers.",
                task=task,
                shape=shape,
            )
        )
    return value


def out_of(submission: Submission, task: str, arguments: dict[str, Any]) -> Array:
    """The ``out`` of a forward pass."""
    return array(task, OUTPUT.run(submission, task, arguments), arguments["x"].shape)


def arrays(task: str, got: Any, *shapes: tuple[int, ...]) -> list[Array]:
    """The arrays of ``shapes`` that ``task`` returned; raises a :class:`Finding`."""
    if type(got) not in (tuple, list) or len(got) != len(shapes):
        raise Finding(say("{task} must return {count} values.", task=task, count=len(shapes)))
    return [array(task, value, shape) for value, shape in zip(got, shapes, strict=True)]


def near(got: Array, expected: Array, tolerance: float) -> bool:
    return bool(np.all(np.abs(got - expected) <= tolerance))  # so that NaN is far


@pytest.mark.check(LAYERS, title="random shapes and settings", weight=3, needs="basic")
def test_random_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    calls = []
    for _ in range(6):
        size = sizes(shapes)
        param = settings(task, shapes, rng, size)
        calls.append(arguments_of(task, rng, size, **param))
    compare_all(submission, task, calls)


@pytest.mark.check(LAYERS, title="single samples, features and pixels", needs="basic")
def test_ones(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    flat = len(shape_of(task, sizes(shapes))) == 2
    changes: list[dict[str, int]] = [{"N": 1}, {"G": 1, "K": 1}]
    if flat:
        changes = [{"G": 1, "K": 1}] if "batchnorm" in task else [{"N": 1}]
    elif "instancenorm" not in task:
        changes.append({"H": 1, "W": 1})
    calls = (arguments_of(task, rng, sizes(shapes, **fixed), eps=0.01) for fixed in changes)
    compare_all(submission, task, calls)


@pytest.mark.check(LAYERS, title="gamma zero and negative", needs="basic")
def test_gamma(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    arguments = arguments_of(task, rng, sizes(shapes, G=2, K=4))
    gamma = arguments["gamma"].reshape(-1)
    gamma[::3] = 0
    gamma[1::3] = -np.abs(gamma[1::3])
    compare(submission, task, **arguments)


@pytest.mark.check(LAYERS, title="other float32 arrays", needs="basic")
def test_single_precision(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    """At least twelve values share a mean. Of four, one set in thousands lies so close together,
    far from zero, that the difference of E[x²] and E[x]² keeps too few digits of ``float32``."""
    size = sizes(shapes, N=12, G=3, H=3, W=4)
    param: dict[str, Any] = {"eps": 1e-3}
    if "batchnorm" in task:
        param |= state(rng, features(size), np.float32)
    case = ORACLE.case(task, **arguments_of(task, rng, size, np.float32, **param))
    PROTOCOL.expect_values(submission, task, case)
    PROTOCOL.expect_dtype(submission, task, case)


@pytest.mark.check(LAYERS, title="the same result twice", needs="basic")
def test_twice(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    size = sizes(shapes)
    first, second = (arguments_of(task, rng, size) for _ in range(2))
    PROTOCOL.expect_same_twice(submission, task, first, second)


@pytest.mark.check(WITH_STATE, title="test mode, single samples too", weight=2, needs="test_mode")
def test_test_shapes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    for fixed in ({}, {"N": 1}, {"G": 1, "K": 1}):
        size = sizes(shapes, **fixed)
        param = settings(task, shapes, rng, size) | {"mode": "test"}
        compare(submission, task, **arguments_of(task, rng, size, **param))


@pytest.mark.check(WITH_STATE, title="modes that only look right", needs="basic")
def test_other_modes(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    for mode in ("training", "testing", "TRAIN", ""):
        compare(submission, task, **arguments_of(task, rng, sizes(shapes), mode=mode))


@pytest.mark.check(
    WITH_STATE, title="running statistics over several calls", weight=2, needs="running"
)
def test_several_calls(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    """After k calls the start counts ``m^k``, and the batch of call i ``(1 − m) m^(k−1−i)``."""
    size, momentum, calls = sizes(shapes), 0.8, 4
    for given in (True, False):
        now = state(rng, features(size)) if given else {}
        start = now or {name: np.zeros(features(size)) for name in state(rng, 1)}
        expected = {name: momentum**calls * value for name, value in start.items()}
        for call in range(calls):
            arguments = arguments_of(task, rng, size, momentum=momentum, **now)
            _, mean, var = PROTOCOL.run(submission, task, arguments)
            now = {"running_mean": mean, "running_var": var}
            weight = (1 - momentum) * momentum ** (calls - 1 - call)
            expected["running_mean"] += weight * arguments["x"].mean(axis=axes(task))
            expected["running_var"] += weight * arguments["x"].var(axis=axes(task))
        for name, value in expected.items():
            if values.agree(now[name], value):
                continue
            if given:
                raise Finding(
                    say(
                        "After {calls} calls in train mode with the same bn_param, "
                        "{name} is not what it should be.",
                        calls=calls,
                        name=name,
                    )
                )
            raise Finding(
                say(
                    "After {calls} calls in train mode with the same bn_param, "
                    "which had no running statistics at first, {name} is not what it should be.",
                    calls=calls,
                    name=name,
                )
            )


@pytest.mark.check(WITH_STATE, title="scale and shift of x do not matter", needs="basic")
def test_invariance(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    size = sizes(shapes)
    arguments = arguments_of(task, rng, size, eps=TINY_EPS)
    scale, shift = rng.uniform(0.5, 3, features(size)), rng.uniform(-5, 5, features(size))
    other = dict(arguments)
    other["x"] = along_features(task, scale) * arguments["x"] + along_features(task, shift)
    if not near(
        out_of(submission, task, other), out_of(submission, task, arguments), tolerance=1e-6
    ):
        raise Finding(
            say("In train mode, out must be the same when a feature of x is scaled and shifted.")
        )


@pytest.mark.check(WITH_STATE, title="out has mean beta and deviation gamma", needs="basic")
def test_moments(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    arguments = arguments_of(task, rng, sizes(shapes), eps=TINY_EPS)
    out = out_of(submission, task, arguments)
    if not near(out.mean(axis=axes(task)), arguments["beta"], tolerance=1e-9):
        raise Finding(say("In train mode, the mean of each feature of out must be beta."))
    if not near(out.std(axis=axes(task)), np.abs(arguments["gamma"]), tolerance=1e-6):
        raise Finding(say("In train mode, the standard deviation of each feature must be |gamma|."))


@pytest.mark.check(FORWARD, title="values that are all the same", needs="basic")
def test_constant(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    """Three quarters: sums of a few are exact, so the reference's variance is exactly zero, and the
    tolerance is not relative to a rounding error."""
    arguments = arguments_of(task, rng, sizes(shapes))
    arguments["x"] = np.full_like(arguments["x"], 0.75)
    compare(submission, task, **arguments)


@pytest.mark.check(STATELESS, title="a sample alone and in a batch", needs="basic")
def test_alone(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    _same_alone(submission, task, arguments_of(task, rng, sizes(shapes)))


@pytest.mark.check(
    WITH_STATE, title="a sample alone and in a batch, in test mode", needs="test_mode"
)
def test_alone_in_test_mode(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    size = sizes(shapes)
    param = state(rng, features(size)) | {"mode": "test"}
    _same_alone(submission, task, arguments_of(task, rng, size, **param))


def _same_alone(submission: Submission, task: str, arguments: dict[str, Any]) -> None:
    whole = out_of(submission, task, arguments)
    for sample in (0, len(whole) - 1):
        x = arguments["x"][sample : sample + 1]
        alone = out_of(submission, task, {**arguments, "x": x})
        if not near(alone, whole[sample : sample + 1], tolerance=1e-9):
            raise Finding(say("A sample must give the same, whether it comes alone or in a batch."))


@pytest.mark.check(BACKWARD, title="dx sums to zero", needs="basic")
def test_sums(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    """The forward pass does not see a constant that is added to all values that share a mean."""
    size = sizes(shapes)
    arguments = arguments_of(task, rng, size)
    got = PROTOCOL.run(submission, task, arguments)
    x, gamma = arguments["x"], arguments["gamma"]
    dx, _, _ = arrays(task, got, x.shape, gamma.shape, gamma.shape)
    if "groupnorm" in task:
        dx = dx.reshape(size["N"] * size["G"], 1, -1, size["W"])
    if not near(dx.sum(axis=axes(task)), np.zeros(1), tolerance=1e-9 * dx.size):
        raise Finding(
            say(
                "dx must sum to zero over the values that share a mean: adding the same number to "
                "all of them does not change out."
            )
        )


@pytest.mark.check(
    ("spatial_batchnorm_forward", "spatial_batchnorm_backward"),
    title="the same as batch norm with a row for each pixel",
    needs="basic",
)
def test_pixels_as_rows(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    size = sizes(shapes)
    arguments = arguments_of(task, rng, size)
    got = PROTOCOL.run(submission, task, arguments)
    rows = dict(arguments)
    for name in {"x", "dout"} & rows.keys():
        rows[name] = rows[name].transpose(0, 2, 3, 1).reshape(-1, features(size))
    operator = PROTOCOL.operator_of(task).removeprefix("spatial_")
    first, *others = reference.OPERATORS[operator](**rows)
    n, c, h, w = arguments["x"].shape
    image = np.ascontiguousarray(first.reshape(n, h, w, c).transpose(0, 3, 1, 2))
    if type(got) not in (tuple, list) or not values.agree(tuple(got), (image, *others)):
        raise Finding(
            say("It must do what batch norm does when each pixel is a row of (N·H·W, C).")
        )


@pytest.mark.check(GROUPED, title="other numbers of groups", weight=2, needs="basic")
def test_groups(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    calls = []
    for groups, each in ((1, 6), (2, 3), (3, 2), (6, 1), (2, 4), (4, 2)):
        size = sizes(shapes, G=groups, K=each, H=2, W=3)
        calls.append(arguments_of(task, rng, size, eps=0.01))
    compare_all(submission, task, calls)


@pytest.mark.check(
    "spatial_groupnorm_forward", title="a group a channel is instance norm", needs="ends"
)
def test_group_of_one(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    size = sizes(shapes, G=5, K=1)
    arguments = arguments_of(task, rng, size)
    got = out_of(submission, task, arguments)
    x, gamma, beta, _, param = arguments.values()
    if not values.agree(got, reference.instancenorm_forward(x, gamma, beta, param)):
        raise Finding(say("With a group for each channel it must give what instance norm gives."))


@pytest.mark.check("identity_scale_shift", title="batch norm gives x back", weight=3, needs="basic")
def test_identity(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    for eps in (1e-8, 1e-5, 0.5):
        x = arguments_of("batchnorm_forward", rng, sizes(shapes))["x"]
        compare(submission, task, x=x, eps=eps)
        got = PROTOCOL.run(submission, task, {"x": x, "eps": eps})
        gamma, beta = arrays(task, got, x.shape[1:], x.shape[1:])
        out, *_ = reference.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": eps})
        if not near(out, x, tolerance=1e-9):
            raise Finding(
                say("With these gamma and beta, train-mode batch norm does not give x back.")
            )


def _layers(shapes: Rng, rng: Rng, *, connected: bool) -> Iterator[tuple[Array, dict[str, Any]]]:
    """An input of a layer, and the arguments of ``fold_batchnorm`` for it."""
    for eps in (1e-5, 1e-2, 0.5):
        n, c, f, h, w = (int(v) for v in shapes.integers(2, 5, size=5))
        shape = (c, f) if connected else (f, c, h, w)
        x = rng.standard_normal((n, c) if connected else (n, c, h + 2, w + 1))
        arguments = {
            "w": rng.standard_normal(shape),
            "b": rng.standard_normal(f),
            "gamma": rng.uniform(-2, 2, f),
            "beta": rng.standard_normal(f),
            **state(rng, f),
            "eps": eps,
        }
        yield x, arguments


def _applied(x: Array, w: Array, b: Array) -> Array:
    if x.ndim == 2:
        return np.asarray(x @ w + b)
    return convolution.conv_forward(x, w, b, {"stride": 1, "pad": 0})


def _fold(submission: Submission, shapes: Rng, rng: Rng, *, connected: bool) -> None:
    for x, arguments in _layers(shapes, rng, connected=connected):
        compare(submission, "fold_batchnorm", **arguments)
        got = PROTOCOL.run(submission, "fold_batchnorm", arguments)
        w, b = arrays("fold_batchnorm", got, arguments["w"].shape, arguments["b"].shape)
        middle = _applied(x, arguments["w"], arguments["b"])
        batchnorm = (
            reference.batchnorm_forward if connected else reference.spatial_batchnorm_forward
        )
        keys = ("running_mean", "running_var", "eps")
        param = {"mode": "test", **{key: arguments[key] for key in keys}}
        expected, *_ = batchnorm(middle, arguments["gamma"], arguments["beta"], param)
        if not near(_applied(x, w, b), expected, tolerance=1e-9 * np.abs(expected).max()):
            raise Finding(say("The folded layer does not do what the layer and batch norm do."))


@pytest.mark.check("fold_batchnorm", title="a convolution, applied", weight=3, needs="basic")
def test_fold_convolution(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    _fold(submission, shapes, rng, connected=False)


@pytest.mark.check(
    "fold_batchnorm", title="a fully connected layer, applied", weight=3, needs="connected"
)
def test_fold_connected(submission: Submission, task: str, shapes: Rng, rng: Rng) -> None:
    _fold(submission, shapes, rng, connected=True)


@pytest.mark.check(
    TIMED, title="fast enough, and right meanwhile", weight=2, needs=("basic", "vectorized")
)
def test_speed(submission: Submission, task: str, rng: Rng) -> None:
    given: list[dict[str, Any]] = []
    operator = reference.OPERATORS[PROTOCOL.operator_of(task)]

    def make() -> list[Any]:
        given.append(arguments_of(task, rng, TIMINGS[task].sizes))
        return PROTOCOL.inside(submission, task, given[-1])

    def verify(call: Any, result: Any) -> None:
        PROTOCOL.forget(submission, call)
        expected = operator(**given[-1])
        if task in BACKWARD:
            right = type(result) in (tuple, list) and values.agree(tuple(result), expected)
        else:
            right = type(result) in (tuple, list) and values.agree(result[0], expected[0])
        if not right:
            raise Finding(say("For larger arrays the result is wrong."))

    expect_fast(submission, task, make, verify, TIMINGS[task].limit)
