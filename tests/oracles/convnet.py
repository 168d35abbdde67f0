"""Makes ``convnet.npz`` beside it: what PyTorch gives for the layers of a network and whole ones.

    python3 -m venv /tmp/torchvenv
    /tmp/torchvenv/bin/pip install torch==2.13.0 numpy
    /tmp/torchvenv/bin/python tests/oracles/convnet.py

All in ``float64``. Array names are ``<number>.<argument or result>``; ``index`` lists the cases as
JSON text.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

TARGET = Path(__file__).with_suffix(".npz")
Cases = list[tuple[str, dict[str, Any], dict[str, Any]]]


def leaf(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array, requires_grad=True)


def affine(rng: np.random.Generator) -> Cases:
    found: Cases = []
    for shape, outputs in [((n, d), m) for n in (1, 2, 5) for d in (1, 3) for m in (1, 4)] + [
        ((2, 2, 3), 2),
        ((3, 1, 2, 2), 5),
        ((1, 3, 1, 1), 1),
        ((4, 2, 2, 2, 2), 3),
    ]:
        size = int(np.prod(shape[1:]))
        x, w, b = (rng.standard_normal(s) for s in (shape, (size, outputs), (outputs,)))
        dout = rng.standard_normal((shape[0], outputs))
        tx, tw, tb = leaf(x), leaf(w), leaf(b)
        out = functional.linear(tx.flatten(1), tw.T, tb)
        out.backward(torch.tensor(dout))
        inputs = {"x": x, "w": w, "b": b}
        found.append(("affine_forward", inputs, {"out": out.detach().numpy()}))
        grads = {"dx": tx.grad.numpy(), "dw": tw.grad.numpy(), "db": tb.grad.numpy()}
        found.append(("affine_backward", {"dout": dout, **inputs}, grads))
    return found


def relu(rng: np.random.Generator) -> Cases:
    found: Cases = []
    for shape in ((1,), (4, 3), (2, 3, 4), (2, 1, 3, 3)):
        x, dout = rng.standard_normal(shape), rng.standard_normal(shape)
        x.flat[0] = 0.0
        tx = leaf(x)
        out = functional.relu(tx)
        out.backward(torch.tensor(dout))
        found.append(("relu_forward", {"x": x}, {"out": out.detach().numpy()}))
        found.append(("relu_backward", {"dout": dout, "x": x}, {"dx": tx.grad.numpy()}))
    return found


def softmax(rng: np.random.Generator) -> Cases:
    found: Cases = []
    for count, classes in ((1, 1), (1, 2), (3, 4), (8, 10)):
        for scale in (1.0, 20.0, 1e4):
            scores = scale * rng.standard_normal((count, classes))
            y = rng.integers(0, classes, count)
            leafed = leaf(scores)
            loss = functional.cross_entropy(leafed, torch.tensor(y))
            loss.backward()
            results = {"loss": loss.detach().numpy(), "dscores": leafed.grad.numpy()}
            found.append(("softmax_loss", {"scores": scores, "y": y}, results))
    return found


def networks(rng: np.random.Generator) -> Cases:
    found: Cases = []
    for (c, h, w), filters, kernel, hidden, classes, count in (
        ((1, 4, 4), [2], 3, [], 3, 1),
        ((1, 4, 6), [3], 3, [4], 2, 2),
        ((2, 8, 8), [2, 3], 3, [5], 4, 3),
        ((3, 8, 4), [4, 2], 5, [6, 4], 5, 2),
        ((1, 2, 2), [1], 1, [1], 2, 4),
        ((2, 16, 8), [2, 2, 2], 3, [3], 3, 2),
        ((1, 6, 2), [5], 3, [2, 2, 2], 3, 5),
        ((1, 28, 28), [2, 3], 5, [5], 10, 2),
    ):
        params: dict[str, np.ndarray] = {}
        channels, size = c, c * (h >> len(filters)) * (w >> len(filters))
        for i, f in enumerate(filters, 1):
            params[f"conv{i}_w"] = rng.standard_normal((f, channels, kernel, kernel))
            params[f"conv{i}_b"] = rng.standard_normal(f)
            channels = f
        size = channels * (h >> len(filters)) * (w >> len(filters))
        for i, m in enumerate([*hidden, classes], 1):
            params[f"fc{i}_w"] = rng.standard_normal((size, m))
            params[f"fc{i}_b"] = rng.standard_normal(m)
            size = m
        x, y = rng.standard_normal((count, c, h, w)), rng.integers(0, classes, count)
        leaves = {name: leaf(value) for name, value in params.items()}
        out = torch.tensor(x)
        for i in range(1, len(filters) + 1):
            out = functional.conv2d(
                out, leaves[f"conv{i}_w"], leaves[f"conv{i}_b"], padding=kernel // 2
            )
            out = functional.max_pool2d(functional.relu(out), 2)
        out = out.flatten(1)
        for i in range(1, len(hidden) + 2):
            out = functional.linear(out, leaves[f"fc{i}_w"].T, leaves[f"fc{i}_b"])
            out = functional.relu(out) if i <= len(hidden) else out
        loss = functional.cross_entropy(out, torch.tensor(y))
        loss.backward()
        grads = {f"grad.{name}": value.grad.numpy() for name, value in leaves.items()}
        labels = out.argmax(1).numpy()
        given = {f"params.{name}": value for name, value in params.items()}
        results = {"loss": loss.detach().numpy(), "labels": labels, **grads}
        found.append(("convnet_loss", {**given, "x": x, "y": y}, results))
    return found


def steps(rng: np.random.Generator) -> Cases:
    found: Cases = []
    for lr, momentum in ((0.1, 0.0), (0.1, 0.9), (0.01, 0.5), (1.0, 0.99)):
        p = rng.standard_normal((2, 3))
        tensor = leaf(p)
        optimizer = torch.optim.SGD([tensor], lr=lr, momentum=momentum)
        arguments, results = {"p": p}, {}
        for number in range(3):
            grad = rng.standard_normal((2, 3))
            tensor.grad = torch.tensor(grad)
            optimizer.step()
            arguments[f"grad{number}"] = grad
            results[f"p{number}"] = tensor.detach().numpy().copy()
        found.append((f"sgd_momentum_step {lr} {momentum}", arguments, results))
    return found


def main() -> None:
    rng = np.random.default_rng(2026)
    arrays: dict[str, np.ndarray] = {}
    index = []
    cases = affine(rng) + relu(rng) + softmax(rng) + networks(rng) + steps(rng)
    for number, (operator, arguments, results) in enumerate(cases):
        index.append({"operator": operator, "arguments": list(arguments), "results": list(results)})
        for name, value in {**arguments, **results}.items():
            arrays[f"{number}.{name}"] = np.asarray(value)
    np.savez_compressed(TARGET, index=np.array(json.dumps(index)), **arrays)
    print(f"{TARGET}: {len(cases)} cases, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
