"""Makes ``pooling.npz`` beside it: what PyTorch gives for pooling layers and their gradients.

The reference is compared with these results, which come from code that shares nothing with it.
PyTorch is not among the kit's requirements, so the results are stored. To make them again:

    python3 -m venv /tmp/torchvenv
    /tmp/torchvenv/bin/pip install torch==2.13.0 numpy
    /tmp/torchvenv/bin/python tests/oracles/pooling.py

Inputs are whole quarters from a fixed seed, so sums of them are exact in ``float64`` and in
``float32``. In all but the cases with ties, no two pixels are equal. Of several equal maxima
PyTorch's ``max_pool2d`` gives the gradient to the first, and so, on a picture turned round, to
the last; ``amax`` shares it equally. Array names are ``<number>.<argument or result>``; ``index``
lists the cases as JSON text.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

TARGET = Path(__file__).with_suffix(".npz")
SEED = 2025

# N, C, image, window, stride
SHAPES: list[tuple[int, int, tuple[int, int], tuple[int, int], int]] = [
    (1, 1, (1, 1), (1, 1), 1),
    (1, 1, (2, 2), (2, 2), 2),
    (1, 1, (4, 4), (2, 2), 2),
    (2, 3, (4, 4), (2, 2), 2),
    (2, 2, (6, 8), (2, 2), 2),
    (2, 2, (5, 5), (3, 3), 2),
    (1, 2, (5, 5), (3, 3), 1),
    (3, 1, (7, 5), (3, 3), 2),
    (2, 2, (4, 7), (2, 3), 1),
    (1, 3, (6, 9), (2, 3), 2),
    (1, 2, (8, 5), (4, 1), 4),
    (2, 1, (5, 8), (1, 4), 4),
    (1, 2, (5, 5), (2, 2), 3),
    (2, 2, (7, 10), (1, 1), 3),
    (1, 1, (9, 9), (2, 2), 7),
    (1, 2, (3, 4), (1, 1), 1),
    (1, 2, (3, 6), (3, 6), 1),
    (2, 1, (6, 3), (6, 3), 5),
    (1, 1, (1, 7), (1, 3), 2),
    (1, 1, (7, 1), (3, 1), 2),
    (4, 2, (3, 3), (2, 2), 1),
    (1, 5, (6, 6), (5, 4), 1),
    (2, 2, (8, 8), (6, 2), 2),
    (1, 1, (2, 9), (2, 3), 3),
]
TIES: list[tuple[int, int, tuple[int, int], tuple[int, int], int]] = [
    (1, 1, (2, 2), (2, 2), 2),
    (2, 2, (6, 6), (2, 2), 2),
    (1, 2, (5, 5), (3, 3), 1),
    (2, 1, (5, 7), (3, 3), 2),
    (1, 2, (4, 6), (2, 3), 1),
    (1, 1, (8, 8), (2, 2), 3),
    (2, 2, (3, 4), (3, 4), 1),
]


class Oracle:
    """Collects cases: arguments and results under a number, and what they are in ``index``."""

    def __init__(self) -> None:
        self.index: list[dict[str, Any]] = []
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}
        self.rng = np.random.default_rng(SEED)

    def image(self, *shape: int) -> np.ndarray[Any, Any]:
        """Different whole quarters around zero, in random order."""
        size = math.prod(shape)
        return (self.rng.permutation(size) - size // 2).reshape(shape) / 4

    def quarters(self, *shape: int, most: int = 16) -> np.ndarray[Any, Any]:
        """Whole quarters from ``−most/4`` to ``most/4``."""
        return self.rng.integers(-most, most + 1, shape) / 4

    def add(
        self, operator: str, arguments: dict[str, Any], name: str, result: torch.Tensor
    ) -> None:
        number = len(self.index)
        numbers = {k: v for k, v in arguments.items() if not isinstance(v, np.ndarray)}
        for key, value in arguments.items():
            if key not in numbers:
                self.arrays[f"{number}.{key}"] = value
        self.arrays[f"{number}.{name}"] = result.detach().numpy()
        self.index.append(
            {
                "operator": operator,
                "arguments": list(arguments),
                "numbers": numbers,
                "results": [name],
            }
        )

    def save(self) -> None:
        text = np.frombuffer(json.dumps(self.index).encode(), np.uint8)
        np.savez_compressed(TARGET, allow_pickle=False, index=text, **self.arrays)


def settings(window: tuple[int, int], stride: int) -> dict[str, dict[str, int]]:
    """The argument ``pool_param``."""
    return {"pool_param": {"pool_height": window[0], "pool_width": window[1], "stride": stride}}


def layers(oracle: Oracle, n: int, c: int, image: Any, window: Any, stride: int) -> None:
    """Max and average pooling, forward and backward."""
    for kind, pool in (("max", functional.max_pool2d), ("avg", functional.avg_pool2d)):
        values = oracle.image(n, c, *image)
        x = torch.from_numpy(values).requires_grad_()
        out = pool(x, window, stride)
        arguments = {"x": values, **settings(window, stride)}
        oracle.add(f"{kind}_pool_forward", arguments, "out", out)
        dout = oracle.quarters(*out.shape)
        (dx,) = torch.autograd.grad(out, x, torch.from_numpy(dout))
        oracle.add(f"{kind}_pool_backward", {"dout": dout, **arguments}, "dx", dx)


def ties(oracle: Oracle, n: int, c: int, image: Any, window: Any, stride: int) -> None:
    """The three conventions, on pictures of a few different values."""
    values = oracle.quarters(n, c, *image, most=1)
    x = torch.from_numpy(values).requires_grad_()
    first = functional.max_pool2d(x, window, stride)
    dout = oracle.quarters(*first.shape)
    upstream = torch.from_numpy(dout)
    last = functional.max_pool2d(x.flip(2, 3), window, stride).flip(2, 3)
    shared = x.unfold(2, window[0], stride).unfold(3, window[1], stride).amax((4, 5))
    arguments = {"dout": dout, "x": values, **settings(window, stride)}
    for ending, out in (("", first), ("_last", last), ("_shared", shared)):
        (dx,) = torch.autograd.grad(out, x, upstream)
        oracle.add(f"max_pool_backward{ending}", arguments, "dx", dx)


def main() -> None:
    torch.set_num_threads(1)
    oracle = Oracle()
    for entry in SHAPES:
        layers(oracle, *entry)
    for entry in TIES:
        ties(oracle, *entry)
    oracle.save()
    values = math.fsum(array.size for array in oracle.arrays.values())
    print(f"{TARGET}: {len(oracle.index)} cases, {values:.0f} values, torch {torch.__version__}")


if __name__ == "__main__":
    main()
