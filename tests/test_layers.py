"""The trusted layers: right, robust against any argument, and the same when called back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder import layers
from autograder.reference import convolution as reference
from autograder.report import Finding
from autograder.worker.host import Cell, Limits, Sandbox, SandboxedSubmission
from autograder.worker.wire import Named, Trusted

SHAPES = [
    ((2, 3, 7, 7), (4, 3, 3, 3), 2, 1),
    ((1, 1, 5, 8), (2, 1, 2, 4), 1, 0),
    ((3, 2, 6, 6), (1, 2, 2, 2), 2, 0),
]
PARAM = {"pool_height": 2, "pool_width": 3, "stride": 2}
NETWORK = """
import numpy as np

def network(layers, x, w, b):
    out, first = layers.conv_forward(x, w, b, {"stride": 1, "pad": 1})
    pooled, second = layers.max_pool_forward(out, {"pool_height": 2, "pool_width": 2, "stride": 2})
    dout = layers.max_pool_backward(np.ones_like(pooled), second)
    return (pooled, *layers.conv_backward(dout, first))

def refused(layers, x):
    return layers.conv_forward(x, x, x, None)

def greedy(layers, x, w, b):
    while True:
        layers.conv_forward(x, w, b, {"stride": 1, "pad": 1})

def apply(layer, x):
    return layer(x)
"""


def arrays(*shapes: tuple[int, ...], dtype: Any = np.float64) -> list[Any]:
    rng = np.random.default_rng(1)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


@pytest.mark.parametrize(("xs", "ws", "stride", "pad"), SHAPES)
@pytest.mark.parametrize("block", [1, layers.BLOCK])
def test_convolution_is_the_reference(
    xs: Any, ws: Any, stride: int, pad: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "BLOCK", block)
    param = {"stride": stride, "pad": pad}
    x, w, b = arrays(xs, ws, ws[:1])
    out, cache = layers.TRUSTED.conv_forward(x, w, b, param)
    np.testing.assert_allclose(out, reference.conv_forward(x, w, b, param), rtol=1e-12, atol=1e-12)
    (dout,) = arrays(out.shape)
    expected = reference.conv_backward(dout, x, w, b, param)
    for got, value in zip(layers.TRUSTED.conv_backward(dout, cache), expected, strict=True):
        np.testing.assert_allclose(got, value, rtol=1e-12, atol=1e-12)


def test_pooling_is_the_definition() -> None:
    (x,) = arrays((2, 3, 6, 7))
    out, cache = layers.TRUSTED.max_pool_forward(x, PARAM)
    (dout,) = arrays(out.shape)
    expected = np.zeros_like(x)
    for n, c, i, j in np.ndindex(out.shape):
        window = x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 3]
        assert out[n, c, i, j] == window.max()
        p, q = np.unravel_index(window.argmax(), window.shape)
        expected[n, c, 2 * i + p, 2 * j + q] += dout[n, c, i, j]
    np.testing.assert_allclose(layers.TRUSTED.max_pool_backward(dout, cache), expected)


def test_equal_maxima_share_nothing() -> None:
    x = np.zeros((1, 1, 2, 2), np.float32)
    param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    dx = layers.answer("max_pool_backward", [np.ones((1, 1, 1, 1), np.float32), x, param])
    assert dx.dtype == np.float32
    np.testing.assert_array_equal(dx, [[[[1, 0], [0, 0]]]])


X = np.zeros((1, 1, 4, 4))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("system", ["ls"]),
        ("__class__", []),
        (["conv_forward"], []),
        ("conv_forward", None),
        ("conv_forward", []),
        ("conv_forward", [X, X, X[0, 0, 0], None]),
        ("conv_forward", [X, X, np.zeros(1), {"stride": 0, "pad": 0}]),
        ("conv_forward", [X, X, np.zeros(1), {"stride": 1, "pad": 10**9}]),
        ("conv_forward", [X, X, np.zeros(1), {"stride": 1.0, "pad": 0}]),
        ("conv_forward", [X, X, np.zeros(1), {"stride": 1, "pad": 4000}]),
        ("conv_forward", [X.astype(complex), X, np.zeros(1), {"stride": 1, "pad": 0}]),
        ("conv_forward", [X, np.zeros((1, 1, 0, 4)), np.zeros(1), {"stride": 1, "pad": 0}]),
        ("conv_forward", [X, np.zeros((1, 2, 4, 4)), np.zeros(1), {"stride": 1, "pad": 0}]),
        ("conv_backward", [X, X, X, np.zeros(1), {"stride": 1, "pad": 0}]),
        ("conv_backward", ["x", X, X, np.zeros(1), {"stride": 1, "pad": 0}]),
        ("max_pool_forward", [X, {"pool_height": 5, "pool_width": 1, "stride": 1}]),
        ("max_pool_forward", [X, {"pool_height": 3, "pool_width": 1, "stride": 2}]),
        ("max_pool_backward", [X, X, {"pool_height": 2, "pool_width": 2, "stride": 2}]),
        ("max_pool_backward", []),
    ],
)
def test_a_malformed_call_is_refused_with_a_text(name: Any, arguments: Any) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        layers.answer(name, arguments)
    assert len(str(caught.value)) > 20


def test_work_is_bounded() -> None:
    x, w = np.zeros((64, 64, 64, 64)), np.zeros((64, 64, 33, 33))
    with pytest.raises(ValueError, match="too large"):
        layers.answer("conv_forward", [x, w, np.zeros(64), {"stride": 1, "pad": 16}])


def test_the_worker_calls_back(sandbox: Sandbox) -> None:
    x, w, b = arrays((2, 1, 6, 6), (3, 1, 3, 3), (3,))
    space: dict[str, Any] = {}
    exec(NETWORK, space)
    expected = space["network"](layers.TRUSTED, x, w, b)
    with SandboxedSubmission(sandbox, [Cell("cell 1", NETWORK)]) as submission:
        got = submission.call("network", Trusted(), x, w, b)
        assert type(got) is tuple
        for one, other in zip(got, expected, strict=True):
            np.testing.assert_array_equal(one, other)
        with pytest.raises(Finding, match="ValueError: b must have 1 axes"):
            submission.call("refused", Trusted(), x)
        np.testing.assert_array_equal(submission.call("apply", Named("square"), x[:1]), x[:1] ** 2)


def test_work_done_for_the_worker_counts_as_its_own(sandbox: Sandbox) -> None:
    x, w, b = arrays((8, 8, 32, 32), (16, 8, 3, 3), (16,))
    cells = [Cell("cell 1", NETWORK)]
    with SandboxedSubmission(sandbox, cells, Limits(call=1.0)) as submission:
        with pytest.raises(Finding, match="stopped after 1 second") as caught:
            submission.call("greedy", Trusted(), x, w, b)
        assert caught.value.verdict == "timeout"
        assert submission.call("apply", Named("identity"), x[:1]).shape == (1, 8, 32, 32)


def test_a_notebook_gets_the_layers_too(sandbox: Sandbox) -> None:
    source = "from autograder import my_layers\nlayers = my_layers()\n" + NETWORK
    source += "\ndef mine(given, x, w, b):\n    return network(layers, x, w, b)[0]\n"
    source += "def alone(x, w, b):\n    return network(layers, x, w, b)[0]\n"
    source += "import numpy as np\n"
    source += "network(layers, np.ones((1, 1, 6, 6)), np.ones((1, 1, 3, 3)), np.ones(1))\n"
    x, w, b = arrays((2, 1, 6, 6), (3, 1, 3, 3), (3,))
    with SandboxedSubmission(sandbox, [Cell("cell 1", source)]) as submission:
        assert submission.run()[0].status == "ok"
        assert submission.call("mine", Trusted(), x, w, b).shape == (2, 3, 3, 3)
        # A task that is not given the layers may be the layer itself.
        with pytest.raises(Finding, match="not given to this task"):
            submission.call("alone", x, w, b)
