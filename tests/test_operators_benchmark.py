"""The large operators: what they compute, how much memory they take, and the benchmark's form."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.reference import blocks, convolution, normalization, pooling, strips
from autograder.vectors import load

ROOT = Path(__file__).parent.parent
MIB = 1 << 20
Array = np.ndarray[Any, Any]


def numbers(*shape: int, dtype: type = np.float32) -> Array:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(dtype)


def extra(function: Callable[..., Any], *arguments: Any) -> float:
    """MiB in use at the worst moment, without the result."""
    function(*arguments)
    tracemalloc.start()
    result = function(*arguments)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = sum(array.nbytes for array in (result if type(result) is tuple else (result,)))
    return (peak - kept) / MIB


@given(
    st.tuples(*[st.integers(1, 5)] * 3),
    st.tuples(*[st.integers(1, 4)] * 2),
    st.tuples(*[st.integers(1, 6)] * 2),
    st.integers(1, 4),
    st.integers(0, 4),
    st.integers(1, 60),
)
@settings(deadline=None, max_examples=200)
def test_strips_are_the_definition(
    counts: tuple[int, int, int],
    kernel: tuple[int, int],
    size: tuple[int, int],
    stride: int,
    pad: int,
    pixels: int,
) -> None:
    n, c, f = counts
    image = [(count - 1) * stride + k - 2 * pad for count, k in zip(size, kernel, strict=True)]
    if min(image) < 1:
        return
    x, w, b = numbers(n, c, *image, dtype=np.float64), numbers(f, c, *kernel), numbers(f)
    param = {"stride": stride, "pad": pad}
    dout = numbers(n, f, *size, dtype=np.float64)
    assert not strips.pays(x, w, stride, pad)
    kept = strips.PIXELS
    strips.PIXELS = pixels
    try:
        out = strips.forward(x, w, b, stride, pad)
        gradients = strips.backward(dout, x, w, stride, pad)
    finally:
        strips.PIXELS = kept
    expected = (
        convolution.conv_forward(x, w, b, param), *convolution.conv_backward(dout, x, w, b, param)
    )  # fmt: skip
    for got, right in zip((out, *gradients), expected, strict=True):
        assert got.dtype == right.dtype
        assert got.flags.c_contiguous
        np.testing.assert_allclose(got, right, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("stride", [1, 2])
def test_a_large_layer_takes_the_strips_and_is_the_definition(dtype: type, stride: int) -> None:
    x, w, b = (numbers(*shape, dtype=dtype) for shape in ((5, 16, 33, 33), (24, 16, 3, 3), (24,)))
    param = {"stride": stride, "pad": 1}
    assert strips.pays(x, w, stride, 1)
    out = convolution.conv_forward(x, w, b, param)
    expected = convolution._forward(x, w, b, param, 2)
    bound = 1e-4 if dtype is np.float32 else 1e-11
    np.testing.assert_allclose(out, expected, rtol=bound, atol=bound)
    dout = numbers(*out.shape, dtype=dtype)
    gradients = convolution.conv_backward(dout, x, w, b, param)
    # Adjoint: <conv(x), dout> = <x, dx> = <w, dw>, where the bias is 0.
    inner = float(np.vdot(convolution.conv_forward(x, w, 0 * b, param), dout))
    for value, gradient in zip((x, w), gradients[:2], strict=True):
        assert gradient.dtype == dtype
        assert float(np.vdot(value, gradient)) == pytest.approx(inner, rel=1e-3)
    np.testing.assert_allclose(gradients[2], dout.sum(axis=(0, 2, 3)), rtol=bound, atol=bound)


def test_values_are_graded_with_the_definition() -> None:
    path = ROOT / "autograder" / "suites" / "public" / "vectors" / "convolution.npz"
    seen = 0
    for case in load(path)[0]:
        arguments = case.arguments
        if case.operator in ("conv_forward", "conv_backward") and not case.raises:
            param = arguments["conv_param"]
            seen += 1
            assert not strips.pays(arguments["x"], arguments["w"], param["stride"], param["pad"])
    assert seen >= 20


@pytest.mark.parametrize("block", [1, 7, 100])
def test_blocks_do_not_change_a_result(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    x, dout = numbers(5, 4, 6, 6, dtype=np.float64), numbers(5, 4, 6, 6, dtype=np.float64)
    wide, flat = (1, 4, 1, 1), (4,)
    train = {"bn_param": {"mode": "train"}}
    rows = {"x": x.reshape(30, 24), "gamma": numbers(24), "beta": numbers(24)}
    images = {"x": x, "gamma": numbers(*flat), "beta": numbers(*flat)}
    planes = {"x": x, "gamma": numbers(*wide), "beta": numbers(*wide)}
    pool = {"x": x, "pool_param": {"pool_height": 2, "pool_width": 3, "stride": 1}}
    calls: dict[str, dict[str, Any]] = {
        "spatial_batchnorm": {**images, **train},
        "batchnorm": {**rows, **train},
        "layernorm": {**rows, "ln_param": {}},
        "instancenorm": {**planes, "in_param": {}},
        "spatial_groupnorm": {**planes, "G": 2, "gn_param": {}},
        "max_pool": pool,
        "avg_pool": pool,
    }
    operators = {**normalization.OPERATORS, **pooling.OPERATORS}

    def everything() -> list[Array]:
        found: list[Array] = []
        for name, arguments in calls.items():
            out = operators[f"{name}_forward"](**arguments)
            found += out if type(out) is tuple else (out,)
            first = out[0] if type(out) is tuple else out
            upstream = dout.reshape(arguments["x"].shape) if "pool" not in name else first
            back = operators[f"{name}_backward"](dout=upstream, **arguments)
            found += back if type(back) is tuple else (back,)
        return found

    whole = everything()
    monkeypatch.setattr(blocks, "NUMBERS", block)
    for got, expected in zip(everything(), whole, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)


def test_memory_is_bounded() -> None:
    x, w, b = numbers(64, 32, 32, 32), numbers(64, 32, 3, 3), numbers(64)
    param = {"stride": 1, "pad": 1}
    dout = numbers(64, 64, 32, 32)
    assert extra(convolution.conv_forward, x, w, b, param) < 4
    assert extra(convolution.conv_backward, dout, x, w, b, param) < 4
    gamma = numbers(64)
    train = {"mode": "train"}
    assert extra(normalization.spatial_batchnorm_forward, dout, gamma, gamma, train) < 4
    assert extra(normalization.spatial_batchnorm_backward, dout, dout, gamma, gamma, train) < 4
    pool = {"pool_height": 2, "pool_width": 2, "stride": 2}
    assert extra(pooling.max_pool_forward, dout, pool) < 4
    small = np.ascontiguousarray(dout[:, :, ::2, ::2])
    assert extra(pooling.max_pool_backward, small, dout, pool) < 4


def test_few_pixels_and_many_weights_stay_with_one_product() -> None:
    x, w = np.empty((1, 256, 7, 7), np.float32), np.empty((256, 256, 3, 3), np.float32)
    assert not strips.pays(x, w, 1, 1)
    assert strips.pays(np.empty((8, 256, 7, 7), np.float32), w, 1, 1)


def run(script: str, *options: str) -> None:
    done = subprocess.run(
        [sys.executable, f"benchmarks/{script}.py", "--tiny", "--repeat", "2", *options],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_benchmark_writes_its_form(tmp_path: Path) -> None:
    figures, table, picture = tmp_path / "a.json", tmp_path / "a.md", tmp_path / "a.png"
    run(
        "operators", "--json", str(figures), "--markdown", str(table), "--picture", str(picture)
    )  # fmt: skip
    rows = json.loads(figures.read_text())
    pairs = [(row["operator"], row["direction"]) for row in rows]
    assert len(set(pairs)) == len(pairs)
    assert {("conv", "forward"), ("conv", "dx"), ("conv", "dw"), ("max_pool", "backward")} <= {
        *pairs
    }
    for kind in ("spatial_batchnorm", "batchnorm", "layernorm", "instancenorm", "avg_pool"):
        assert {(kind, "forward"), (kind, "backward")} <= {*pairs}
    for row in rows:
        product = row["operator"].startswith("conv") or row["operator"] == "affine"
        assert (row["share_of_gemm_peak"] is not None) == product
        assert row["times_pytorch"] is None or row["times_pytorch"] > 0
        assert row["extra_mib"] >= 0
    assert table.read_text().count("\n| ") == len(rows) + 1
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_growth_fits_powers(tmp_path: Path) -> None:
    figures, picture = tmp_path / "a.json", tmp_path / "a.png"
    run("growth", "--json", str(figures), "--picture", str(picture))
    rows = {row["runner"]: row for row in json.loads(figures.read_text())}
    assert {"reference", "loops"} <= set(rows)
    assert all(set(row["exponents"]) == set("NCHFK") for row in rows.values())
    assert picture.read_bytes().startswith(b"\x89PNG")
