"""Makes ``normalization.npz`` beside it: what PyTorch gives for normalizations and their gradients.

The reference is compared with these results, which come from code that shares nothing with it.
PyTorch is not among the kit's requirements, so the results are stored. To make them again:

    python3 -m venv /tmp/torchvenv
    /tmp/torchvenv/bin/pip install torch==2.13.0 numpy
    /tmp/torchvenv/bin/python tests/oracles/normalization.py

Two conventions differ. PyTorch's momentum weighs the new value, ours the old one: it is called with
``1 − momentum``. Its running variance averages the variance divided by n − 1, ours the one divided
by n: what the batch has added is multiplied by (n − 1) / n.

Inputs are whole quarters from −4 to 4 from a fixed seed. Array names are ``<number>.<argument or
result>``, with ``bn_param.running_mean`` for what lies in a dictionary; ``index`` lists the cases
as JSON text.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torch.nn.utils import fusion

TARGET = Path(__file__).with_suffix(".npz")
SEED = 2025
Array = np.ndarray[Any, Any]

# shape, eps, momentum
ROWS = [
    ((2, 1), 1e-5, 0.9),
    ((2, 3), 1e-5, 0.9),
    ((3, 1), 1e-3, 0.5),
    ((4, 3), 1e-5, 0.9),
    ((5, 2), 0.1, 0.99),
    ((7, 4), 1e-8, 0.0),
    ((8, 8), 1e-5, 0.7),
    ((10, 2), 1.0, 0.9),
    ((16, 6), 1e-5, 0.9),
]
IMAGES = [
    ((2, 1, 1, 1), 1e-5, 0.9),
    ((3, 4, 1, 1), 1e-5, 0.9),
    ((1, 2, 3, 3), 1e-3, 0.5),
    ((2, 3, 4, 5), 1e-5, 0.9),
    ((4, 2, 1, 6), 0.1, 0.99),
    ((2, 1, 5, 1), 1e-5, 0.7),
    ((5, 3, 2, 2), 1e-8, 0.0),
]
SINGLE = [((1, 1), 1e-5), ((1, 5), 1e-3), ((1, 3, 1, 1), 1e-5), ((1, 2, 2, 3), 0.1)]
SAMPLES = [((1, 2), 1e-5), ((2, 3), 1e-5), ((4, 5), 1e-3), ((3, 8), 0.1), ((1, 16), 1e-5),
           ((6, 4), 1e-8)]  # fmt: skip
PLANES = [((1, 1, 2, 2), 1e-5), ((2, 3, 3, 4), 1e-5), ((3, 2, 1, 5), 1e-3), ((2, 4, 6, 1), 0.1),
          ((1, 5, 3, 3), 1e-8)]  # fmt: skip
GROUPS = [
    ((1, 4, 2, 2), 2, 1e-5),
    ((2, 6, 3, 2), 3, 1e-5),
    ((2, 6, 3, 2), 1, 1e-3),
    ((2, 6, 3, 2), 6, 1e-5),
    ((3, 4, 1, 1), 2, 1e-5),
    ((1, 8, 2, 3), 4, 0.1),
    ((2, 1, 3, 3), 1, 1e-5),
    ((1, 9, 1, 2), 3, 1e-8),
]
FILTERS = [((3, 2, 2, 2), 1e-5), ((2, 2, 1, 3), 0.1), ((1, 1, 1, 1), 1e-3)]
MATRICES = [((3, 2), 1e-5), ((4, 4), 0.1), ((1, 3), 1e-3)]


class Oracle:
    """Collects cases: arguments and results under a number, and what they are in ``index``."""

    def __init__(self) -> None:
        self.index: list[dict[str, Any]] = []
        self.arrays: dict[str, Array] = {}
        self._rng = np.random.default_rng(SEED)

    def draw(self, *shape: int) -> Array:
        """Whole quarters from −4 to 4."""
        return self._rng.integers(-16, 17, shape) / 4

    def state(self, features: int) -> dict[str, Array]:
        """Running statistics."""
        return {
            "running_mean": self.draw(features),
            "running_var": self._rng.integers(1, 17, features) / 4,
        }

    def add(self, operator: str, arguments: dict[str, Any], results: dict[str, Any]) -> None:
        number = len(self.index)
        numbers: dict[str, Any] = {}
        for name, value in arguments.items():
            if isinstance(value, dict):
                numbers[name] = {k: v for k, v in value.items() if not isinstance(v, np.ndarray)}
                for key in value.keys() - numbers[name].keys():
                    self.arrays[f"{number}.{name}.{key}"] = value[key]
            elif isinstance(value, np.ndarray):
                self.arrays[f"{number}.{name}"] = value
            else:
                numbers[name] = value
        for name, value in results.items():
            self.arrays[f"{number}.{name}"] = np.asarray(value)
        self.index.append(
            {
                "operator": operator,
                "arguments": list(arguments),
                "numbers": numbers,
                "results": list(results),
            }
        )

    def save(self) -> None:
        text = np.frombuffer(json.dumps(self.index).encode(), np.uint8)
        np.savez_compressed(TARGET, allow_pickle=False, index=text, **self.arrays)


def tensors(*arrays: Array) -> list[torch.Tensor]:
    """Copies, of which PyTorch may keep gradients."""
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def batch(oracle: Oracle, shape: tuple[int, ...], eps: float, momentum: float) -> None:
    """Batch norm, for pictures where there are four axes: train mode forward and backward, with
    running statistics and without, and test mode."""
    kind = "batchnorm" if len(shape) == 2 else "spatial_batchnorm"
    features = shape[1]
    arrays = {
        "x": oracle.draw(*shape),
        "gamma": oracle.draw(features),
        "beta": oracle.draw(features),
    }
    given = oracle.state(features)
    settings = {"mode": "train", "eps": eps, "momentum": momentum}
    for state in (given, {}):
        start = state or {name: np.zeros(features) for name in given}
        mean, var = (torch.tensor(value) for value in start.values())
        x, gamma, beta = tensors(*arrays.values())
        out = functional.batch_norm(x, mean, var, gamma, beta, True, 1 - momentum, eps)
        count = x.numel() // features
        old = momentum * start["running_var"]
        biased = old + (var.numpy() - old) * (count - 1) / count
        results = {"out": out.detach().numpy(), "running_mean": mean.numpy(), "running_var": biased}
        oracle.add(f"{kind}_forward", {**arrays, "bn_param": {**settings, **state}}, results)
    dout = oracle.draw(*shape)
    gradients = torch.autograd.grad(out, (x, gamma, beta), torch.tensor(dout))
    results = dict(zip(("dx", "dgamma", "dbeta"), gradients, strict=True))
    oracle.add(f"{kind}_backward", {"dout": dout, **arrays, "bn_param": settings}, results)
    in_test_mode(oracle, shape, eps)


def in_test_mode(oracle: Oracle, shape: tuple[int, ...], eps: float) -> None:
    """Batch norm in test mode."""
    kind = "batchnorm" if len(shape) == 2 else "spatial_batchnorm"
    features = shape[1]
    arrays = {
        "x": oracle.draw(*shape),
        "gamma": oracle.draw(features),
        "beta": oracle.draw(features),
    }
    state = oracle.state(features)
    x, gamma, beta = tensors(*arrays.values())
    mean, var = (torch.tensor(value) for value in state.values())
    out = functional.batch_norm(x, mean, var, gamma, beta, False, 0.1, eps)
    param = {"mode": "test", "eps": eps, **state}
    oracle.add(f"{kind}_forward", {**arrays, "bn_param": param}, {"out": out.detach(), **state})


def stateless(oracle: Oracle, kind: str, shape: tuple[int, ...], eps: float, groups: int) -> None:
    """Layer, instance or group norm, forward and backward."""
    wide = (shape[1],) if kind == "layernorm" else (1, shape[1], 1, 1)
    arrays = {"x": oracle.draw(*shape), "gamma": oracle.draw(*wide), "beta": oracle.draw(*wide)}
    x, gamma, beta = tensors(*arrays.values())
    flat = gamma.reshape(-1), beta.reshape(-1)
    if kind == "layernorm":
        out = functional.layer_norm(x, (shape[1],), *flat, eps)
        rest: dict[str, Any] = {"ln_param": {"eps": eps}}
    elif kind == "instancenorm":
        out = functional.instance_norm(x, weight=flat[0], bias=flat[1], eps=eps)
        rest = {"in_param": {"eps": eps}}
    else:
        out = functional.group_norm(x, groups, *flat, eps)
        rest = {"G": groups, "gn_param": {"eps": eps}}
    oracle.add(f"{kind}_forward", {**arrays, **rest}, {"out": out.detach()})
    dout = oracle.draw(*shape)
    gradients = torch.autograd.grad(out, (x, gamma, beta), torch.tensor(dout))
    results = dict(zip(("dx", "dgamma", "dbeta"), gradients, strict=True))
    oracle.add(f"{kind}_backward", {"dout": dout, **arrays, **rest}, results)


def fold(oracle: Oracle, shape: tuple[int, ...], eps: float) -> None:
    """A layer and its batch norm made one. PyTorch's linear layers keep ``w`` transposed."""
    outputs = shape[0] if len(shape) == 4 else shape[1]
    arrays = {
        "w": oracle.draw(*shape),
        "b": oracle.draw(outputs),
        "gamma": oracle.draw(outputs),
        "beta": oracle.draw(outputs),
        **oracle.state(outputs),
    }
    w, b, gamma, beta, mean, var = tensors(*arrays.values())
    if len(shape) == 4:
        w, b = fusion.fuse_conv_bn_weights(w, b, mean, var, eps, gamma, beta)
    else:
        w, b = fusion.fuse_linear_bn_weights(w.T, b, mean, var, eps, gamma, beta)
        w = w.T
    results = {"folded_w": w.detach().contiguous(), "folded_b": b.detach()}
    oracle.add("fold_batchnorm", {**arrays, "eps": eps}, results)


def identity(oracle: Oracle, shape: tuple[int, ...], eps: float) -> None:
    """Scale and shift, from PyTorch's own mean and variance."""
    x = oracle.draw(*shape)
    tensor = torch.tensor(x)
    results = {
        "gamma": torch.sqrt(torch.var(tensor, 0, correction=0) + eps),
        "beta": tensor.mean(0),
    }
    oracle.add("identity_scale_shift", {"x": x, "eps": eps}, results)


def main() -> None:
    torch.set_num_threads(1)
    oracle = Oracle()
    for entry in (*ROWS, *IMAGES):
        batch(oracle, *entry)
    for shape, eps in SINGLE:
        in_test_mode(oracle, shape, eps)
    for shape, eps in SAMPLES:
        stateless(oracle, "layernorm", shape, eps, 0)
    for shape, eps in PLANES:
        stateless(oracle, "instancenorm", shape, eps, 0)
    for shape, groups, eps in GROUPS:
        stateless(oracle, "spatial_groupnorm", shape, eps, groups)
    for shape, eps in (*FILTERS, *MATRICES):
        fold(oracle, shape, eps)
    for shape, eps, _ in ROWS[:4]:
        identity(oracle, shape, eps)
    oracle.save()
    values = sum(array.size for array in oracle.arrays.values())
    print(f"{TARGET}: {len(oracle.index)} cases, {values} values, torch {torch.__version__}")


if __name__ == "__main__":
    main()
