"""The reference of pooling, held against definitions: brute force, derivatives, PyTorch."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.reference import pooling as reference
from autograder.worker import layers

Array = np.ndarray[Any, Any]

# image, window, stride
SHAPES = [
    ((1, 1, 4, 4), (2, 2), 2),
    ((2, 3, 5, 7), (3, 3), 2),
    ((2, 2, 4, 7), (2, 3), 1),
    ((1, 2, 6, 9), (2, 3), 2),
    ((2, 2, 5, 5), (2, 2), 3),
    ((1, 2, 3, 5), (3, 5), 1),
    ((3, 1, 1, 6), (1, 2), 4),
]
BACKWARD = [
    reference.max_pool_backward,
    reference.max_pool_backward_last,
    reference.max_pool_backward_shared,
]


def setting(window: tuple[int, int], stride: int) -> dict[str, int]:
    return {"pool_height": window[0], "pool_width": window[1], "stride": stride}


def image(shape: tuple[int, ...], seed: int = 3) -> Array:
    """Different numbers, a hundredth apart at least."""
    size = int(np.prod(shape))
    return (np.random.default_rng(seed).permutation(size) - size / 2).reshape(shape) / 100


def windows(x: Array, param: dict[str, int]) -> list[tuple[tuple[int, ...], list[Any]]]:
    """Every place of the output, and the places of the pixels in its window."""
    height, width, stride = param.values()
    found = []
    for n, c in np.ndindex(x.shape[:2]):
        for i, top in enumerate(range(0, x.shape[2] - height + 1, stride)):
            for j, left in enumerate(range(0, x.shape[3] - width + 1, stride)):
                pixels = [(n, c, top + p, left + q) for p in range(height) for q in range(width)]
                found.append(((n, c, i, j), pixels))
    return found


@pytest.mark.parametrize(("shape", "window", "stride"), SHAPES)
def test_forward_is_the_definition(
    shape: tuple[int, ...], window: tuple[int, int], stride: int
) -> None:
    x, param = image(shape), setting(window, stride)
    largest = reference.max_pool_forward(x, param)
    mean = reference.avg_pool_forward(x, param)
    places = windows(x, param)
    assert largest.size == mean.size == len(places)
    for place, pixels in places:
        values = [x[pixel] for pixel in pixels]
        assert largest[place] == max(values)
        assert mean[place] == pytest.approx(sum(values) / len(values), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("shape", "window", "stride"), SHAPES)
@pytest.mark.parametrize("kind", ["max", "avg"])
def test_backward_is_the_derivative(
    kind: str, shape: tuple[int, ...], window: tuple[int, int], stride: int
) -> None:
    """Both layers are linear as long as the order of the pixels stays, and pixels are 0.01 apart:
    a central difference with a step of 0.001 is exact up to rounding, 1e-16 / 0.001."""
    x, param = image(shape), setting(window, stride)
    forward: Callable[..., Array] = reference.OPERATORS[f"{kind}_pool_forward"]
    dout = np.random.default_rng(4).standard_normal(forward(x, param).shape)
    gradient = reference.OPERATORS[f"{kind}_pool_backward"](dout, x, param)
    for place in np.ndindex(x.shape):
        before = x[place]
        sides = []
        for step in (1e-3, -1e-3):
            x[place] = before + step
            sides.append(float(np.vdot(forward(x, param), dout)))
        x[place] = before
        assert gradient[place] == pytest.approx((sides[0] - sides[1]) / 2e-3, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("shape", "window", "stride"), SHAPES)
def test_equal_maxima_by_definition(
    shape: tuple[int, ...], window: tuple[int, int], stride: int
) -> None:
    x = np.random.default_rng(5).integers(-1, 2, shape).astype(float)
    param = setting(window, stride)
    dout = np.random.default_rng(6).standard_normal(reference.max_pool_forward(x, param).shape)
    first, last, shared = np.zeros((3, *shape))
    for place, pixels in windows(x, param):
        best = [pixel for pixel in pixels if x[pixel] == max(x[p] for p in pixels)]
        first[best[0]] += dout[place]
        last[best[-1]] += dout[place]
        for pixel in best:
            shared[pixel] += dout[place] / len(best)
    for backward, expected in zip(BACKWARD, (first, last, shared), strict=True):
        got = backward(dout, x, param)
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


def test_conventions_agree_without_equal_maxima_and_differ_with_them() -> None:
    param = setting((2, 2), 2)
    dout = np.ones((1, 1, 2, 2))
    plain, flat = image((1, 1, 4, 4)), np.zeros((1, 1, 4, 4))
    same = [backward(dout, plain, param) for backward in BACKWARD]
    other = [backward(dout, flat, param) for backward in BACKWARD]
    for one in same[1:]:
        np.testing.assert_array_equal(one, same[0])
    assert len({result.tobytes() for result in other}) == 3
    assert {float(result.sum()) for result in other} == {4.0}


@given(
    st.integers(1, 9), st.integers(1, 9), st.integers(1, 5), st.integers(1, 5), st.integers(1, 4)
)
@settings(deadline=None)
def test_output_size_counts_places(h: int, w: int, height: int, width: int, stride: int) -> None:
    x, param = np.zeros((1, 1, h, w)), setting((height, width), stride)
    starts = [range(0, h - height + 1, stride), range(0, w - width + 1, stride)]
    fits = all(
        s and s[-1] + length == size
        for s, length, size in zip(starts, (height, width), (h, w), strict=True)
    )
    if fits:
        assert reference.output_size(x, param) == (len(starts[0]), len(starts[1]))
    else:
        with pytest.raises(ValueError, match="pool_"):
            reference.output_size(x, param)


def test_windows_that_make_no_sense_are_refused() -> None:
    x = np.zeros((1, 1, 4, 4))
    for window, stride in (((0, 2), 1), ((2, 0), 1), ((2, 2), 0)):
        with pytest.raises(ValueError, match="at least 1"):
            reference.max_pool_forward(x, setting(window, stride))
    with pytest.raises(ValueError, match=r"\(N, C, H, W\)"):
        reference.max_pool_forward(x[0], setting((2, 2), 2))
    for backward in (*BACKWARD, reference.avg_pool_backward):
        with pytest.raises(ValueError, match="shape of out"):
            backward(np.zeros((1, 1, 2, 3)), x, setting((2, 2), 2))


@pytest.mark.parametrize("shift", [-2, 0, 1, 3, 9])
def test_response_is_the_formula(shift: int) -> None:
    picture = image((2, 3, 5))
    moved = np.zeros_like(picture)
    for c, row, column in np.ndindex(picture.shape):
        moved[c, row, (column + shift) % 5] = picture[c, row, column]
    change = np.abs(moved - picture).sum()
    expected = change / (np.abs(moved).sum() + np.abs(picture).sum())
    got = reference.shift_response("identity", picture, shift)
    assert type(got) is float
    assert got == pytest.approx(expected, rel=1e-12)


def test_response_has_its_limits() -> None:
    dot = np.zeros((1, 2, 6))
    dot[0, 0, 2] = 4.0
    assert reference.shift_response("identity", dot, 6) == 0.0
    assert reference.shift_response("identity", dot, 1) == 1.0
    assert reference.shift_response("every_second_pixel", dot, 1) == 1.0
    assert reference.shift_response("constant", dot, 1) == 0.0
    assert reference.shift_response("identity", np.zeros((1, 2, 3)), 1) == 0.0
    assert reference.shift_response(lambda x: 2 * x, dot, 1) == 1.0


def test_the_worker_has_the_same_layers() -> None:
    assert list(layers.LAYERS) == list(reference.LAYERS)
    for dtype in (np.float64, np.float32):
        x = image((1, 3, 4, 5)).astype(dtype)
        for name, layer in layers.LAYERS.items():
            kept = x.copy()
            got, expected = layer(x), reference.LAYERS[name](x)
            assert got.dtype == expected.dtype == dtype
            np.testing.assert_allclose(got, expected, rtol=1e-6)
            assert not np.shares_memory(got, x), name
            np.testing.assert_array_equal(x, kept)


@pytest.mark.parametrize("x", [np.zeros((3, 4, 5)), np.zeros((2, 3, 4, 5)), [[[[1.0]]]]])
def test_layers_of_the_worker_say_what_they_take(x: Any) -> None:
    for layer in layers.LAYERS.values():
        with pytest.raises(ValueError, match=r"\(1, C, H, W\)"):
            layer(x)


def test_float32_stays_and_arguments_too() -> None:
    x, param = image((2, 3, 6, 6)).astype(np.float32), setting((2, 2), 2)
    kept = x.copy()
    out = reference.max_pool_forward(x, param)
    results = [out, reference.avg_pool_forward(x, param)]
    backward = (*BACKWARD, reference.avg_pool_backward)
    results += [function(out, x, param) for function in backward]
    assert {result.dtype for result in results} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(x, kept)
    assert param == setting((2, 2), 2)


ORACLE = np.load(Path(__file__).parent / "oracles" / "pooling.npz")
INDEX = json.loads(ORACLE["index"].tobytes())


@pytest.mark.parametrize("number", range(len(INDEX)))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_pytorch_says_the_same(number: int, dtype: type) -> None:
    """Inputs and sums are exact in both precisions; a mean is off by a rounding at most."""
    entry = INDEX[number]
    arguments = {
        name: ORACLE[f"{number}.{name}"].astype(dtype)
        if f"{number}.{name}" in ORACLE
        else entry["numbers"][name]
        for name in entry["arguments"]
    }
    got = reference.OPERATORS[entry["operator"]](**arguments)
    expected = ORACLE[f"{number}.{entry['results'][0]}"]
    bound = 1e-12 if dtype is np.float64 else 1e-6
    np.testing.assert_allclose(got, expected, rtol=bound, atol=bound)
    assert got.dtype == dtype


def test_the_oracle_knows_every_operator_and_enough_cases() -> None:
    operators = [entry["operator"] for entry in INDEX]
    assert set(operators) == set(reference.OPERATORS) - {"shift_response"}
    assert len(operators) >= 100
