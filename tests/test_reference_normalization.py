"""The reference of the normalization assignment, held against definitions: loops, derivatives,
closed forms, and what PyTorch says."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.reference import convolution
from autograder.reference import normalization as reference

Array = np.ndarray[Any, Any]
PARAM = {
    "batchnorm": "bn_param",
    "spatial_batchnorm": "bn_param",
    "layernorm": "ln_param",
    "instancenorm": "in_param",
    "spatial_groupnorm": "gn_param",
}
KINDS = list(PARAM)


def features_of(kind: str, features: int) -> tuple[int, ...]:
    wide = kind in ("instancenorm", "spatial_groupnorm")
    return (1, features, 1, 1) if wide else (features,)


def arguments(kind: str, shape: tuple[int, ...], groups: int = 2, **param: Any) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    wide = features_of(kind, shape[1])
    values = {"x": 2 * rng.standard_normal(shape) + 1}
    values |= {name: rng.standard_normal(wide) for name in ("gamma", "beta")}
    rest: dict[str, Any] = {"G": groups} if kind == "spatial_groupnorm" else {}
    mode = {"mode": "train"} if "batchnorm" in kind else {}
    return {**values, **rest, PARAM[kind]: {**mode, **param}}


def shape_of(kind: str) -> tuple[int, ...]:
    return (5, 4) if kind in ("batchnorm", "layernorm") else (3, 4, 2, 5)


def out_of(kind: str, given: dict[str, Any]) -> Array:
    result = reference.OPERATORS[f"{kind}_forward"](**given)
    return result[0] if type(result) is tuple else result


def same_set(kind: str, one: tuple[int, ...], other: tuple[int, ...], each: int) -> bool:
    """Whether two places of ``x`` share a mean; a group has ``each`` channels."""
    if kind in ("batchnorm", "spatial_batchnorm"):
        return one[1] == other[1]
    if one[0] != other[0]:
        return False
    if kind == "instancenorm":
        return one[1] == other[1]
    return kind == "layernorm" or one[1] // each == other[1] // each


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("eps", [1e-5, 0.5])
def test_forward_is_the_definition(kind: str, eps: float) -> None:
    given = arguments(kind, shape_of(kind), eps=eps)
    x, gamma, beta = (given[name] for name in ("x", "gamma", "beta"))
    out = out_of(kind, given)
    for place in np.ndindex(x.shape):
        members = [x[p] for p in np.ndindex(x.shape) if same_set(kind, place, p, 2)]
        mean = sum(members) / len(members)
        var = sum((value - mean) ** 2 for value in members) / len(members)
        normalized = (x[place] - mean) / (var + eps) ** 0.5
        expected = gamma.reshape(-1)[place[1]] * normalized + beta.reshape(-1)[place[1]]
        assert out[place] == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_backward_is_the_derivative(kind: str) -> None:
    """Central differences with a step of 1e-5: their error is about 1e-10 (the step squared, and
    rounding divided by the step), for results of about 1."""
    given = arguments(kind, shape_of(kind), eps=0.01)
    dout = np.random.default_rng(6).standard_normal(given["x"].shape)
    gradients = reference.OPERATORS[f"{kind}_backward"](dout=dout, **given)
    for name, gradient in zip(("x", "gamma", "beta"), gradients, strict=True):
        value = given[name]
        assert gradient.shape == value.shape
        for place in np.ndindex(value.shape):
            before = value[place]
            sides = []
            for step in (1e-5, -1e-5):
                value[place] = before + step
                sides.append(np.vdot(out_of(kind, given), dout))
            value[place] = before
            assert gradient[place] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-8)


@pytest.mark.parametrize("kind", ["batchnorm", "spatial_batchnorm"])
@pytest.mark.parametrize("given_statistics", [True, False])
def test_running_statistics_are_a_weighted_sum(kind: str, given_statistics: bool) -> None:
    rng, momentum, calls = np.random.default_rng(7), 0.8, 5
    axes = (0,) if kind == "batchnorm" else (0, 2, 3)
    start = {"running_mean": rng.standard_normal(4), "running_var": rng.uniform(1, 2, 4)}
    param: dict[str, Any] = {"mode": "train", "momentum": momentum}
    param |= start if given_statistics else {}
    batches = [rng.standard_normal(shape_of(kind)) for _ in range(calls)]
    for x in batches:
        result = reference.OPERATORS[f"{kind}_forward"](x, np.ones(4), np.zeros(4), param)
        param = {**param, "running_mean": result[1], "running_var": result[2]}
    weights = (1 - momentum) * momentum ** np.arange(calls)[::-1]
    for name, statistic in (("running_mean", np.mean), ("running_var", np.var)):
        first = start[name] if given_statistics else np.zeros(4)
        seen = np.stack([statistic(x, axis=axes) for x in batches])
        expected = momentum**calls * first + weights @ seen
        np.testing.assert_allclose(param[name], expected, rtol=1e-12)


@pytest.mark.parametrize("kind", ["batchnorm", "spatial_batchnorm"])
def test_test_mode_uses_the_running_statistics_and_keeps_them(kind: str) -> None:
    state = {"running_mean": np.arange(4.0), "running_var": np.arange(1.0, 5.0)}
    given = arguments(kind, (1, *shape_of(kind)[1:]), mode="test", eps=0.25, **state)
    out, mean, var = reference.OPERATORS[f"{kind}_forward"](**given)
    np.testing.assert_array_equal(mean, state["running_mean"])
    np.testing.assert_array_equal(var, state["running_var"])
    for place in np.ndindex(out.shape):
        f = place[1]
        normalized = (given["x"][place] - f) / (f + 1.25) ** 0.5
        assert out[place] == pytest.approx(given["gamma"][f] * normalized + given["beta"][f])


def test_defaults() -> None:
    for kind in KINDS:
        full = arguments(kind, shape_of(kind), eps=1e-5)
        bare = arguments(kind, shape_of(kind))
        np.testing.assert_array_equal(out_of(kind, full), out_of(kind, bare))
    bare = arguments("batchnorm", (5, 4))
    zeros = {"running_mean": np.zeros(4), "running_var": np.zeros(4)}
    full = arguments("batchnorm", (5, 4), momentum=0.9, **zeros)
    for one, other in zip(
        reference.batchnorm_forward(**bare), reference.batchnorm_forward(**full), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_spatial_batch_norm_is_batch_norm_with_a_row_for_each_pixel() -> None:
    given = arguments("spatial_batchnorm", (3, 4, 2, 5))
    out, mean, var = reference.spatial_batchnorm_forward(**given)
    given["x"] = given["x"].transpose(0, 2, 3, 1).reshape(-1, 4)
    rows, row_mean, row_var = reference.batchnorm_forward(**given)
    np.testing.assert_allclose(out.transpose(0, 2, 3, 1).reshape(-1, 4), rows, atol=1e-12)
    np.testing.assert_allclose(mean, row_mean)
    np.testing.assert_allclose(var, row_var)


def test_layer_norm_is_batch_norm_turned() -> None:
    given = arguments("layernorm", (5, 4))
    plain = dict(given, gamma=np.ones(4), beta=np.zeros(4))
    turned, *_ = reference.batchnorm_forward(
        given["x"].T, np.ones(5), np.zeros(5), {"mode": "train"}
    )
    np.testing.assert_allclose(reference.layernorm_forward(**plain), turned.T, atol=1e-12)


def test_group_norm_ends_in_instance_norm_and_in_layer_norm() -> None:
    given = arguments("spatial_groupnorm", (3, 4, 2, 5), groups=4)
    x, gamma, beta = (given[name] for name in ("x", "gamma", "beta"))
    instance = reference.instancenorm_forward(x, gamma, beta, {})
    np.testing.assert_allclose(out_of("spatial_groupnorm", given), instance, atol=1e-12)
    ones, zeros = np.ones((1, 4, 1, 1)), np.zeros((1, 4, 1, 1))
    whole = reference.spatial_groupnorm_forward(x, ones, zeros, 1, {})
    rows = reference.layernorm_forward(x.reshape(3, -1), np.ones(40), np.zeros(40), {})
    np.testing.assert_allclose(whole.reshape(3, -1), rows, atol=1e-12)


def test_the_identity() -> None:
    x = 3 * np.random.default_rng(8).standard_normal((6, 4)) + 5
    gamma, beta = reference.identity_scale_shift(x, 0.5)
    out, *_ = reference.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.5})
    np.testing.assert_allclose(out, x, rtol=1e-12)


def test_a_folded_layer_does_the_same() -> None:
    rng = np.random.default_rng(9)
    param = {"mode": "test", "eps": 0.01}
    state = {"running_mean": rng.standard_normal(3), "running_var": rng.uniform(0.5, 2, 3)}
    gamma, beta, b = (rng.standard_normal(3) for _ in range(3))
    parameters = (b, gamma, beta, *state.values(), 0.01)

    w, x = rng.standard_normal((4, 3)), rng.standard_normal((5, 4))
    folded_w, folded_b = reference.fold_batchnorm(w, *parameters)
    expected, *_ = reference.batchnorm_forward(x @ w + b, gamma, beta, {**param, **state})
    np.testing.assert_allclose(x @ folded_w + folded_b, expected, atol=1e-12)

    w, x = rng.standard_normal((3, 2, 2, 3)), rng.standard_normal((2, 2, 5, 6))
    still = {"stride": 1, "pad": 0}
    folded_w, folded_b = reference.fold_batchnorm(w, *parameters)
    middle = convolution.conv_forward(x, w, b, still)
    expected, *_ = reference.spatial_batchnorm_forward(middle, gamma, beta, {**param, **state})
    got = convolution.conv_forward(x, folded_w, folded_b, still)
    np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_float32_stays_and_arguments_too(kind: str) -> None:
    given = arguments(kind, shape_of(kind))
    given |= {name: given[name].astype(np.float32) for name in ("x", "gamma", "beta")}
    kept = copy.deepcopy(given)
    result = reference.OPERATORS[f"{kind}_forward"](**given)
    out = result[0] if type(result) is tuple else result
    gradients = reference.OPERATORS[f"{kind}_backward"](dout=out, **given)
    results = (*(result if type(result) is tuple else (out,)), *gradients)
    assert {array.dtype for array in results} == {np.dtype(np.float32)}
    assert given.keys() == kept.keys()
    for name, value in kept.items():
        np.testing.assert_equal(given[name], value)


def wrong(operator: str, message: str, **changes: Any) -> Any:
    return pytest.param(operator, changes, message, id=f"{operator}-{'-'.join(changes)}")


@pytest.mark.parametrize(
    ("operator", "changes", "message"),
    [
        wrong("batchnorm_forward", "mode", bn_param={"mode": "evaluate"}),
        wrong("batchnorm_backward", "train mode", bn_param={"mode": "test"}),
        wrong("batchnorm_forward", "N, D", x=np.ones((2, 4, 1))),
        wrong("batchnorm_forward", "gamma", gamma=np.ones(3)),
        wrong("spatial_batchnorm_forward", "N, C, H, W", x=np.ones((2, 4))),
        wrong("spatial_batchnorm_forward", "beta", beta=np.ones((1, 4, 1, 1))),
        wrong("layernorm_forward", "gamma", gamma=np.ones(5)),
        wrong("instancenorm_forward", "gamma", gamma=np.ones(4)),
        wrong("spatial_groupnorm_forward", "3 groups", G=3),
        wrong("spatial_groupnorm_forward", "0 groups", G=0),
        wrong("spatial_groupnorm_backward", "dout", dout=np.ones((3, 4, 2, 4))),
    ],
)
def test_what_does_not_fit_is_refused(operator: str, changes: dict[str, Any], message: str) -> None:
    kind = operator.rsplit("_", 1)[0]
    given = arguments(kind, shape_of(kind))
    if operator.endswith("backward"):
        given = {"dout": np.ones(shape_of(kind)), **given}
    with pytest.raises(ValueError, match=message):
        reference.OPERATORS[operator](**{**given, **changes})


def test_a_fold_of_other_shapes_is_refused() -> None:
    four = [np.ones(4)] * 5
    with pytest.raises(ValueError, match="w must be"):
        reference.fold_batchnorm(np.ones(4), *four, 1e-5)
    with pytest.raises(ValueError, match="b must be"):
        reference.fold_batchnorm(np.ones((4, 3)), *four, 1e-5)


ORACLE = np.load(Path(__file__).parent / "oracles" / "normalization.npz")
INDEX = json.loads(ORACLE["index"].tobytes())


def test_the_oracle_has_the_edges() -> None:
    assert len(INDEX) >= 80
    shapes = {ORACLE[f"{n}.x"].shape for n in range(len(INDEX)) if f"{n}.x" in ORACLE}
    assert {(2, 1), (2, 1, 1, 1), (1, 1), (1, 2)} <= shapes
    groups = {
        (entry["numbers"]["G"], ORACLE[f"{n}.x"].shape[1])
        for n, entry in enumerate(INDEX)
        if "G" in entry["numbers"]
    }
    assert {(1, 6), (6, 6), (3, 6)} <= groups


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 1e-4)])
@pytest.mark.parametrize("number", range(len(INDEX)))
def test_pytorch_says_the_same(number: int, dtype: type, tolerance: float) -> None:
    """To rounding. Where two values share a mean their gradients cancel nearly, down to ``eps``, so
    the tolerance is relative to results of about 1 at least."""
    entry = INDEX[number]
    given: dict[str, Any] = {}
    for name in entry["arguments"]:
        if f"{number}.{name}" in ORACLE:
            given[name] = ORACLE[f"{number}.{name}"].astype(dtype)
            continue
        given[name] = entry["numbers"][name]
        if isinstance(given[name], dict):
            start = f"{number}.{name}."
            given[name] = given[name] | {
                key.removeprefix(start): ORACLE[key].astype(dtype)
                for key in ORACLE.files
                if key.startswith(start)
            }
    operator: Callable[..., Any] = reference.OPERATORS[entry["operator"]]
    got = operator(**given)
    results = got if type(got) is tuple else (got,)
    for name, value in zip(entry["results"], results, strict=True):
        expected = ORACLE[f"{number}.{name}"]
        assert value.dtype == dtype
        scale = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(value, expected, rtol=0, atol=tolerance * scale)
