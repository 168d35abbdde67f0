"""Public inputs of the assignment ``convnet``.

Groups: ``basic``, ``shapes`` (more axes, other sizes), ``zero`` (inputs of exactly 0), ``large``
(scores that overflow an exponential), ``steps`` (a velocity from before), ``errors``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...reference import convnet as reference
from . import Entry, rounded

__all__ = ["entries"]


def entries() -> Iterator[Entry]:
    """Operator, label and arguments of every public case."""
    rng = np.random.default_rng(30)
    layers: list[tuple[str, tuple[int, ...], int]] = [
        ("basic", (2, 3), 4),
        ("basic", (3, 5), 2),
        ("shapes", (2, 2, 3, 2), 3),
        ("shapes", (1, 4, 1), 5),
    ]
    for group, x, outputs in layers:
        size = int(np.prod(x[1:]))
        inputs = {
            "x": rounded(rng, x),
            "w": rounded(rng, (size, outputs)),
            "b": rounded(rng, (outputs,)),
        }
        label = f"{group}: {x} to {outputs}"
        yield "affine_forward", label, inputs
        yield "affine_backward", label, {"dout": rounded(rng, (x[0], outputs)), **inputs}
    for group, x in (("basic", (2, 3)), ("shapes", (2, 3, 2, 2)), ("zero", (3, 4))):
        values = rounded(rng, x)
        if group == "zero":
            values[:, 1:3] = 0
        yield "relu_forward", f"{group}: {x}", {"x": values}
        yield "relu_backward", f"{group}: {x}", {"dout": rounded(rng, x), "x": values}
    for group, count, classes, scale in (
        ("basic", 1, 3, 1), ("basic", 4, 3, 1), ("shapes", 5, 10, 1), ("large", 3, 4, 1000)
    ):  # fmt: skip
        yield (
            "softmax_loss",
            f"{group}: {count} of {classes}, times {scale}",
            {
                "scores": scale * rounded(rng, (count, classes)),
                "y": rng.integers(0, classes, count),
            },
        )
    for group, shape in (("basic", (1, 28, 28)), ("shapes", (3, 32, 32)), ("shapes", (1, 20, 28)),
                         ("errors", (1, 30, 28)), ("errors", (1, 28, 14))):  # fmt: skip
        yield "lenet_shapes", f"{group}: {shape}", {"input_shape": shape}
    costs: list[tuple[str, tuple[int, int, int], list[int], int, list[int], int]] = [
        ("basic", (1, 28, 28), [20, 50], 5, [500], 10),
        ("shapes", (3, 32, 16), [8], 3, [], 7),
        ("shapes", (2, 8, 24), [4, 6, 8], 3, [16, 12], 3),
    ]
    for group, shape, filters, kernel, hidden, classes in costs:
        yield (
            "layer_costs",
            f"{group}: {shape}, {filters}, {hidden}",
            {
                "input_shape": shape,
                "filters": filters,
                "kernel": kernel,
                "hidden": hidden,
                "classes": classes,
            },
        )
    yield from _networks(rng)
    yield from _steps(rng)


def _networks(rng: np.random.Generator) -> Iterator[Entry]:
    networks: list[tuple[str, tuple[int, int, int], list[int], int, list[int], int, int]] = [
        ("basic", (1, 4, 4), [2], 3, [], 3, 2),
        ("basic", (2, 4, 4), [3], 3, [4], 3, 3),
        ("shapes", (1, 8, 4), [2, 3], 3, [4, 3], 4, 2),
        ("shapes", (2, 4, 6), [2], 5, [3], 3, 4),
    ]
    for group, shape, filters, kernel, hidden, classes, count in networks:
        params = reference.init_convnet(shape, filters, kernel, hidden, classes, 1)
        params = {name: rounded(rng, value.shape) for name, value in params.items()}
        x = rounded(rng, (count, *shape))
        label = f"{group}: {shape}, {filters}, {kernel}, {hidden}"
        y = rng.integers(0, classes, count)
        yield "convnet_loss", label, {"params": params, "x": x, "y": y}
        yield "convnet_predict", label, {"params": params, "x": rounded(rng, (6, *shape))}


def _steps(rng: np.random.Generator) -> Iterator[Entry]:
    for group, momentum in (("basic", 0.9), ("basic", 0.0), ("steps", 0.9), ("steps", 0.5)):
        shapes = {"w": (2, 3), "b": (3,)}
        made: list[dict[str, Any]] = [
            {name: rounded(rng, shape) for name, shape in shapes.items()} for _ in range(3)
        ]
        params, grads, state = made
        yield (
            "sgd_momentum_step",
            f"{group}: momentum {momentum}",
            {
                "params": params,
                "grads": grads,
                "state": state if group == "steps" else {},
                "lr": 0.1,
                "momentum": momentum,
            },
        )
