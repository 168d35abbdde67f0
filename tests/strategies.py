"""Hypothesis strategies for the arguments of operators: sizes, settings and numbers that fit.

Wider than what the suites try: sizes of one, long and thin images, strides beyond the kernel,
larger and smaller numbers, arrays that are not contiguous, and both precisions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

__all__ = ["OPERATORS", "arrays"]

Arguments = dict[str, Any]

DTYPES = st.sampled_from([np.float64, np.float64, np.float64, np.float32])
LAYOUTS = st.sampled_from(["C", "F", "strided", "reversed"])
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 4)


@st.composite
def arrays(draw: st.DrawFn, shape: tuple[int, ...], dtype: Any = np.float64) -> Any:
    """Normal numbers of the size of 1, give or take, in memory in some order. Tolerances are for
    such numbers: see :mod:`autograder.agreement`."""
    rng = np.random.default_rng(draw(SEEDS))
    scale = draw(st.sampled_from([1.0, 1.0, 0.1, 3.0]))
    values = (scale * rng.standard_normal(shape)).astype(dtype)
    layout = draw(LAYOUTS)
    if layout == "F":
        return np.asfortranarray(values)
    if layout == "strided" and values.ndim:
        room = np.zeros((*shape[:-1], 2 * shape[-1]), dtype)
        room[..., ::2] = values
        return room[..., ::2]
    if layout == "reversed" and values.ndim:
        return values[::-1].copy()[::-1]
    return values


@st.composite
def _convolution(draw: st.DrawFn, axes: int, *, backward: bool = False) -> Arguments:
    n, c, f = draw(SIZES), draw(SIZES), draw(SIZES)
    stride, pad = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    kernel = [draw(SIZES) for _ in range(axes)]
    steps = [draw(st.integers(0, 3)) for _ in range(axes)]
    size = [k + stride * s - 2 * pad for k, s in zip(kernel, steps, strict=True)]
    # Padding alone may hold the kernel; an image has one pixel at least.
    size = [s if s > 0 else s + stride * -(-(1 - s) // stride) for s in size]
    dtype = draw(DTYPES)
    inputs = {
        "x": draw(arrays((n, c, *size), dtype)),
        "w": draw(arrays((f, c, *kernel), dtype)),
        "b": draw(arrays((f,), dtype)),
        "conv_param": {"stride": stride, "pad": pad},
    }
    if not backward:
        return inputs
    out = [(s + 2 * pad - k) // stride + 1 for s, k in zip(size, kernel, strict=True)]
    return {"dout": draw(arrays((n, f, *out), dtype)), **inputs}


@st.composite
def _pool(draw: st.DrawFn, *, backward: bool = False) -> Arguments:
    n, c, stride = draw(SIZES), draw(SIZES), draw(st.integers(1, 4))
    window = (draw(SIZES), draw(SIZES))
    steps = (draw(st.integers(0, 3)), draw(st.integers(0, 3)))
    size = [k + stride * s for k, s in zip(window, steps, strict=True)]
    dtype = draw(DTYPES)
    inputs = {
        "x": draw(arrays((n, c, *size), dtype)),
        "pool_param": {"pool_height": window[0], "pool_width": window[1], "stride": stride},
    }
    if not backward:
        return inputs
    return {"dout": draw(arrays((n, c, *(s + 1 for s in steps)), dtype)), **inputs}


@st.composite
def _normalized(draw: st.DrawFn, kind: str, *, backward: bool = False) -> Arguments:
    """Arguments of a normalization of ``kind``. At least four values share a mean: with two of them
    the gradient is nearly zero, a difference of numbers that cancel."""
    groups, each = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    n, c = draw(st.integers(4, 7)), groups * each
    if kind == "layernorm":
        n, c = draw(st.integers(1, 5)), draw(st.integers(4, 7))
    image = kind not in ("batchnorm", "layernorm")
    shape = (n, c, draw(st.integers(2, 4)), draw(st.integers(2, 4))) if image else (n, c)
    rng = np.random.default_rng(draw(SEEDS))
    wide = (1, c, 1, 1) if image else (1, c)
    x = rng.standard_normal(shape) * rng.uniform(0.5, 2, wide) + rng.uniform(-2, 2, wide)
    gamma, beta = rng.uniform(-2, 2, c), rng.uniform(-1, 1, c)
    if kind in ("instancenorm", "spatial_groupnorm"):
        gamma, beta = gamma.reshape(wide), beta.reshape(wide)
    arguments: Arguments = {"x": x, "gamma": gamma, "beta": beta}
    param: Arguments = {"eps": draw(st.sampled_from([1e-5, 1e-3, 0.5]))}
    if "batchnorm" in kind:
        param["mode"] = "train" if backward else draw(st.sampled_from(["train", "test"]))
        param["momentum"] = draw(st.sampled_from([0.0, 0.5, 0.9, 1.0]))
        param["running_mean"] = rng.uniform(-2, 2, c)
        param["running_var"] = rng.uniform(0.2, 4, c)
        arguments["bn_param"] = param
    elif kind == "layernorm":
        arguments["ln_param"] = param
    elif kind == "instancenorm":
        arguments["in_param"] = param
    else:
        arguments |= {"G": groups, "gn_param": param}
    return {"dout": rng.standard_normal(shape), **arguments} if backward else arguments


@st.composite
def _fold(draw: st.DrawFn) -> Arguments:
    f = draw(SIZES)
    convolution = draw(st.booleans())
    shape = (f, *(draw(SIZES) for _ in range(3))) if convolution else (draw(SIZES), f)
    rng = np.random.default_rng(draw(SEEDS))
    return {
        "w": draw(arrays(shape)),
        **{name: rng.standard_normal(f) for name in ("b", "gamma", "beta", "running_mean")},
        "running_var": rng.uniform(0, 4, f),
        "eps": draw(st.sampled_from([1e-5, 0.1, 0.5])),
    }


@st.composite
def _affine(draw: st.DrawFn, *, backward: bool = False) -> Arguments:
    n, outputs, dtype = draw(SIZES), draw(SIZES), draw(DTYPES)
    inner = draw(st.lists(SIZES, min_size=1, max_size=3))
    inputs = {
        "x": draw(arrays((n, *inner), dtype)),
        "w": draw(arrays((int(np.prod(inner)), outputs), dtype)),
        "b": draw(arrays((outputs,), dtype)),
    }
    return {"dout": draw(arrays((n, outputs), dtype)), **inputs} if backward else inputs


@st.composite
def _relu(draw: st.DrawFn, *, backward: bool = False) -> Arguments:
    shape = tuple(draw(st.lists(SIZES, min_size=1, max_size=4)))
    inputs = {"x": draw(arrays(shape))}
    return {"dout": draw(arrays(shape)), **inputs} if backward else inputs


@st.composite
def _softmax(draw: st.DrawFn) -> Arguments:
    n, classes = draw(SIZES), draw(SIZES)
    scores = draw(st.sampled_from([1.0, 30.0, 1e4])) * draw(arrays((n, classes)))
    y = draw(st.lists(st.integers(0, classes - 1), min_size=n, max_size=n))
    return {"scores": scores, "y": np.array(y)}


@st.composite
def _sizes(draw: st.DrawFn) -> Arguments:
    return {
        "size": draw(st.integers(1, 300)),
        "kernel": draw(st.integers(1, 15)),
        "stride": draw(st.integers(1, 5)),
        "pad": draw(st.integers(0, 7)),
    }


@st.composite
def _one_by_one(draw: st.DrawFn) -> Arguments:
    n, c, f, h, w = (draw(SIZES) for _ in range(5))
    x, kernel, b = draw(arrays((n, c, h, w))), draw(arrays((f, c))), draw(arrays((f,)))
    return {"x": x, "w": kernel, "b": b}


@st.composite
def _two_kernels(draw: st.DrawFn) -> Arguments:
    c, m, f, h1, w1, h2, w2 = (draw(SIZES) for _ in range(7))
    return {"w1": draw(arrays((m, c, h1, w1))), "w2": draw(arrays((f, m, h2, w2)))}


_NORMALIZED = ("batchnorm", "spatial_batchnorm", "layernorm", "instancenorm", "spatial_groupnorm")

OPERATORS: dict[str, st.SearchStrategy[Arguments]] = {
    "conv_output_size": _sizes(),
    "same_padding": st.builds(lambda kernel: {"kernel": kernel}, st.integers(1, 99)),
    "receptive_field": st.builds(
        lambda layers: {"layers": layers},
        st.lists(st.tuples(st.integers(1, 11), st.integers(1, 4)), max_size=8),
    ),
    "conv_forward": _convolution(2),
    "conv_backward": _convolution(2, backward=True),
    "conv1d_forward": _convolution(1),
    "conv3d_forward": _convolution(3),
    "conv1x1_forward": _one_by_one(),
    "compose_convs": _two_kernels(),
    "max_pool_forward": _pool(),
    "max_pool_backward": _pool(backward=True),
    "avg_pool_forward": _pool(),
    "avg_pool_backward": _pool(backward=True),
    **{f"{kind}_forward": _normalized(kind) for kind in _NORMALIZED},
    **{f"{kind}_backward": _normalized(kind, backward=True) for kind in _NORMALIZED},
    "fold_batchnorm": _fold(),
    "affine_forward": _affine(),
    "affine_backward": _affine(backward=True),
    "relu_forward": _relu(),
    "relu_backward": _relu(backward=True),
    "softmax_loss": _softmax(),
}
"""Strategies for the arguments of operators, by operator."""
