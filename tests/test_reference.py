"""The reference, held against definitions: brute force, derivatives, closed forms."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.reference import convolution as reference

Array = np.ndarray[Any, Any]

SHAPES = [
    ((1, 1, 4, 4), (1, 1, 3, 3), 1, 0),
    ((2, 3, 5, 7), (4, 3, 3, 3), 2, 1),
    ((2, 2, 6, 6), (3, 2, 2, 4), 2, 0),
    ((3, 1, 4, 5), (2, 1, 4, 5), 1, 0),
    ((1, 2, 3, 3), (2, 2, 1, 1), 1, 2),
    ((2, 2, 8, 8), (2, 2, 2, 2), 3, 0),
]


def by_definition(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    axes = x.ndim - 2
    padded = np.pad(x, [(0, 0), (0, 0)] + [(pad, pad)] * axes)
    kernel = w.shape[2:]
    size = [(n - k) // stride + 1 for n, k in zip(padded.shape[2:], kernel, strict=True)]
    out = np.zeros((x.shape[0], w.shape[0], *size))
    for place in np.ndindex(out.shape):
        n, f, *at = place
        total = b[f]
        for offset in np.ndindex(x.shape[1], *kernel):
            c, *step = offset
            where = tuple(i * stride + s for i, s in zip(at, step, strict=True))
            total += padded[(n, c, *where)] * w[(f, c, *step)]
        out[place] = total
    return out


def arrays(x: tuple[int, ...], w: tuple[int, ...]) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(3)
    return rng.standard_normal(x), rng.standard_normal(w), rng.standard_normal(w[0])


@pytest.mark.parametrize(("xs", "ws", "stride", "pad"), SHAPES)
def test_forward_is_the_definition(
    xs: tuple[int, ...], ws: tuple[int, ...], stride: int, pad: int
) -> None:
    x, w, b = arrays(xs, ws)
    got = reference.conv_forward(x, w, b, {"stride": stride, "pad": pad})
    np.testing.assert_allclose(got, by_definition(x, w, b, stride, pad), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("operator", "xs", "ws"),
    [
        (reference.conv1d_forward, (2, 3, 7), (4, 3, 3)),
        (reference.conv3d_forward, (2, 2, 3, 5, 7), (3, 2, 1, 3, 3)),
    ],
)
def test_other_dimensions_are_the_definition(
    operator: Callable[..., Array], xs: tuple[int, ...], ws: tuple[int, ...]
) -> None:
    x, w, b = arrays(xs, ws)
    got = operator(x, w, b, {"stride": 2, "pad": 1})
    np.testing.assert_allclose(got, by_definition(x, w, b, 2, 1), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("xs", "ws", "stride", "pad"), SHAPES)
def test_backward_is_the_derivative(
    xs: tuple[int, ...], ws: tuple[int, ...], stride: int, pad: int
) -> None:
    """The layer is linear in each argument, so a central difference is exact up to rounding, and
    the step may be as large as one."""
    inputs = arrays(xs, ws)
    param = {"stride": stride, "pad": pad}
    dout = np.random.default_rng(4).standard_normal(reference.conv_forward(*inputs, param).shape)
    gradients = reference.conv_backward(dout, *inputs, param)
    for value, gradient in zip(inputs, gradients, strict=True):
        for place in np.ndindex(value.shape):
            before = value[place]
            sides = []
            for step in (1.0, -1.0):
                value[place] = before + step
                sides.append(np.vdot(reference.conv_forward(*inputs, param), dout))
            value[place] = before
            assert gradient[place] == pytest.approx((sides[0] - sides[1]) / 2, rel=1e-9, abs=1e-9)


def test_one_by_one_is_the_layer_with_a_kernel_of_one() -> None:
    x, w, b = arrays((2, 3, 4, 5), (6, 3, 1, 1))
    got = reference.conv1x1_forward(x, w[:, :, 0, 0], b)
    layer = reference.conv_forward(x, w, b, {"stride": 1, "pad": 0})
    np.testing.assert_allclose(got, layer, rtol=1e-12, atol=1e-12)


def test_two_layers_are_one() -> None:
    x, first, _ = arrays((2, 3, 9, 8), (4, 3, 2, 3))
    second = np.random.default_rng(5).standard_normal((5, 4, 3, 1))
    still = {"stride": 1, "pad": 0}
    two = reference.conv_forward(
        reference.conv_forward(x, first, np.zeros(4), still), second, np.zeros(5), still
    )
    one = reference.conv_forward(x, reference.compose_convs(first, second), np.zeros(5), still)
    np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-12)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), max_size=4))
@settings(deadline=None)
def test_receptive_field_is_what_one_output_reaches(layers: list[tuple[int, int]]) -> None:
    first, last = 0, 0
    for kernel, stride in reversed(layers):
        first, last = first * stride, last * stride + kernel - 1
    assert reference.receptive_field(layers) == last - first + 1


@given(st.integers(1, 30), st.integers(1, 9), st.integers(1, 4), st.integers(0, 3))
def test_output_size_counts_places(size: int, kernel: int, stride: int, pad: int) -> None:
    starts = list(range(-pad, size + pad - kernel + 1, stride))
    if starts and starts[-1] + kernel == size + pad:
        assert reference.conv_output_size(size, kernel, stride, pad) == len(starts)
    else:
        with pytest.raises(ValueError, match="kernel"):
            reference.conv_output_size(size, kernel, stride, pad)


def test_the_worked_example() -> None:
    assert reference.conv_cost((3, 32, 32), 10, 5, 1, 2) == ((10, 32, 32), 760, 768_000)


def test_float32_stays_and_arguments_too() -> None:
    x, w, b = (a.astype(np.float32) for a in arrays((2, 3, 5, 5), (4, 3, 3, 3)))
    kept = [a.copy() for a in (x, w, b)]
    param = {"stride": 1, "pad": 1}
    out = reference.conv_forward(x, w, b, param)
    gradients = reference.conv_backward(out, x, w, b, param)
    assert {a.dtype for a in (out, *gradients)} == {np.dtype(np.float32)}
    for before, after in zip(kept, (x, w, b), strict=True):
        np.testing.assert_array_equal(before, after)


ORACLE = np.load(Path(__file__).parent / "oracles" / "convolution.npz")
INDEX = json.loads(ORACLE["index"].tobytes() if ORACLE["index"].ndim else str(ORACLE["index"]))


@pytest.mark.parametrize("number", range(len(INDEX)))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_pytorch_says_the_same(number: int, dtype: type) -> None:
    """The stored numbers are exact in both precisions (see ``oracles/convolution.py``)."""
    entry = INDEX[number]
    arguments = {
        name: ORACLE[f"{number}.{name}"].astype(dtype)
        if f"{number}.{name}" in ORACLE
        else entry["numbers"][name]
        for name in entry["arguments"]
    }
    got = getattr(reference, entry["operator"])(**arguments)
    for name, value in zip(entry["results"], got if type(got) is tuple else (got,), strict=True):
        np.testing.assert_allclose(value, ORACLE[f"{number}.{name}"], rtol=1e-6, atol=1e-6)
