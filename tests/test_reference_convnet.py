"""The reference of the convnet assignment: PyTorch's results, derivatives, and worked examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.reference import convnet as reference

ORACLE = np.load(Path(__file__).parent / "oracles" / "convnet.npz", allow_pickle=False)
INDEX = json.loads(str(ORACLE["index"]))


def close(got: Any, expected: Any) -> None:
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("number", range(len(INDEX)))
def test_pytorch_says_the_same(number: int) -> None:
    entry = INDEX[number]
    given = {name: ORACLE[f"{number}.{name}"] for name in entry["arguments"]}
    expected = {name: ORACLE[f"{number}.{name}"] for name in entry["results"]}
    operator, *settings = entry["operator"].split()
    if operator == "convnet_loss":
        params = {k.removeprefix("params."): v for k, v in given.items() if k.startswith("params.")}
        loss, grads = reference.convnet_loss(params, given["x"], given["y"])
        close(loss, expected["loss"])
        assert list(grads) == list(params)
        for name, grad in grads.items():
            close(grad, expected[f"grad.{name}"])
        labels = reference.convnet_predict(params, given["x"])
        np.testing.assert_array_equal(labels, expected["labels"])
    elif operator == "sgd_momentum_step":
        lr, momentum = map(float, settings)
        params, state = {"p": given["p"]}, {}
        for step in range(3):
            grads = {"p": given[f"grad{step}"]}
            params, state = reference.sgd_momentum_step(params, grads, state, lr, momentum)
            close(params["p"], expected[f"p{step}"])
    else:
        got = reference.OPERATORS[operator](**given)
        got = got if isinstance(got, tuple) else (got,)
        for one, other in zip(got, expected.values(), strict=True):
            close(one, other)


def test_the_gradients_are_derivatives() -> None:
    """Central differences in float64 with a step of 1e-5: truncation is about 1e-10 of the third
    derivative, rounding about 1e-11, so 1e-6 is far above both and far below any mistake."""
    rng = np.random.default_rng(5)
    params = reference.init_convnet((2, 4, 4), [2], 3, [3], 3, 1)
    x, y = rng.standard_normal((2, 2, 4, 4)), np.array([0, 2])
    _, grads = reference.convnet_loss(params, x, y)
    for name, value in params.items():
        for place in np.ndindex(value.shape):
            kept, sides = value[place], []
            for step in (1e-5, -1e-5):
                value[place] = kept + step
                sides.append(reference.convnet_loss(params, x, y)[0])
            value[place] = kept
            derivative = (sides[0] - sides[1]) / 2e-5
            assert grads[name][place] == pytest.approx(derivative, rel=1e-6, abs=1e-8)


def test_lenet_is_the_lectures() -> None:
    rows = {name: (out, weights) for name, out, weights in reference.lenet_shapes()}
    assert rows["conv1"] == ((20, 28, 28), (20, 1, 5, 5))
    assert rows["pool2"] == ((50, 7, 7), None)
    assert rows["flatten"] == ((2450,), None)
    assert rows["fc1"] == ((500,), (2450, 500))
    params = reference.init_convnet((1, 28, 28), [20, 50], 5, [500], 10)
    costs = {row[0]: row[1:] for row in reference.layer_costs((1, 28, 28), [20, 50], 5, [500], 10)}
    for name, (out, weights) in rows.items():
        if weights is not None:
            assert params[f"{name}_w"].shape == weights
            assert costs[name][:2] == (
                np.prod(out),
                np.prod(weights) + weights[0 if len(out) == 3 else 1],
            )
    assert costs["conv2"][2] == 50 * 14 * 14 * 20 * 25


def test_weights_keep_the_size_of_the_signal() -> None:
    params = reference.init_convnet((3, 16, 16), [32, 32], 3, [100], 50, 2)
    assert params["conv2_w"].std() == pytest.approx(np.sqrt(2 / (32 * 9)), rel=0.03)
    assert params["fc1_w"].std() == pytest.approx(np.sqrt(2 / 512), rel=0.03)
    with pytest.raises(ValueError, match="pooling"):
        reference.init_convnet((1, 6, 6), [2, 2], 3, [], 2)


def test_training_leaves_its_arguments_alone_and_repeats() -> None:
    rng = np.random.default_rng(0)
    params = reference.init_convnet((1, 4, 4), [2], 3, [], 2)
    kept = {name: value.copy() for name, value in params.items()}
    x, y = rng.standard_normal((7, 1, 4, 4)), rng.integers(0, 2, 7)
    runs = [reference.train_convnet(params, x, y, 0.1, 0.9, 3, 2, 4) for _ in range(2)]
    assert len(runs[0][1]) == 6
    assert runs[0][1] == runs[1][1]
    for name, value in kept.items():
        np.testing.assert_array_equal(params[name], value)
        assert not np.array_equal(runs[0][0][name], value)
