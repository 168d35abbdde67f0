"""Makes ``convolution.npz`` beside it: what PyTorch gives for convolutions and their gradients.

The reference is compared with these results, which come from code that shares nothing with it.
PyTorch is not among the kit's requirements, so the results are stored. To make them again:

    python3 -m venv /tmp/torchvenv
    /tmp/torchvenv/bin/pip install torch==2.13.0 numpy
    /tmp/torchvenv/bin/python tests/oracles/convolution.py

Inputs are whole quarters from −4 to 4 from a fixed seed. Products and sums of such numbers are
exact in ``float64``, so neither the order of summation nor the machine changes the file's numbers;
and ``float32`` holds the results of these small sizes exactly too. Array names are
``<number>.<argument or result>``; ``index`` lists the cases as JSON text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

TARGET = Path(__file__).with_suffix(".npz")
SEED = 2024

CONVOLVE = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}
NAMES = {1: "conv1d_forward", 2: "conv_forward", 3: "conv3d_forward"}

Layer = tuple[int, int, int, Sequence[int], Sequence[int], int, int]

# N, C, F, size, kernel, stride, pad
PLANES: list[Layer] = [
    (1, 1, 1, (1, 1), (1, 1), 1, 0),
    (1, 1, 1, (1, 1), (3, 3), 1, 1),
    (1, 1, 1, (3, 3), (3, 3), 1, 0),
    (1, 1, 1, (4, 4), (3, 3), 1, 0),
    (2, 3, 4, (5, 5), (3, 3), 1, 1),
    (2, 2, 3, (5, 7), (3, 3), 2, 1),
    (3, 1, 2, (7, 5), (3, 3), 2, 0),
    (1, 3, 1, (6, 4), (2, 2), 1, 0),
    (2, 2, 2, (6, 6), (2, 2), 2, 0),
    (2, 2, 2, (6, 8), (2, 4), 2, 1),
    (1, 2, 3, (4, 9), (4, 3), 1, 0),
    (1, 2, 2, (5, 5), (1, 1), 1, 0),
    (2, 2, 2, (5, 5), (1, 1), 2, 0),
    (1, 2, 2, (4, 4), (1, 1), 1, 2),
    (1, 1, 2, (1, 6), (1, 3), 1, 0),
    (1, 1, 2, (6, 1), (3, 1), 1, 0),
    (2, 2, 2, (8, 5), (2, 2), 3, 0),
    (1, 2, 2, (7, 10), (4, 4), 3, 0),
    (2, 1, 2, (7, 7), (3, 3), 3, 1),
    (1, 2, 1, (2, 2), (6, 6), 1, 2),
    (1, 1, 1, (2, 3), (4, 5), 1, 2),
    (2, 4, 1, (4, 4), (3, 3), 1, 2),
    (1, 1, 5, (5, 4), (5, 4), 1, 0),
    (4, 2, 2, (3, 3), (2, 2), 1, 1),
]
LINES: list[Layer] = [
    (1, 1, 1, (1,), (1,), 1, 0),
    (2, 3, 2, (5,), (5,), 1, 0),
    (2, 2, 3, (7,), (3,), 1, 1),
    (1, 2, 2, (7,), (3,), 2, 1),
    (3, 1, 2, (8,), (2,), 3, 0),
    (2, 2, 1, (6,), (4,), 1, 2),
    (1, 2, 2, (2,), (6,), 1, 2),
    (1, 3, 2, (9,), (1,), 2, 0),
]
VOLUMES: list[Layer] = [
    (1, 1, 1, (1, 1, 1), (1, 1, 1), 1, 0),
    (1, 2, 2, (2, 3, 4), (2, 3, 4), 1, 0),
    (2, 2, 2, (3, 3, 3), (2, 2, 2), 1, 0),
    (1, 2, 2, (3, 4, 3), (3, 3, 3), 1, 1),
    (1, 2, 3, (5, 5, 3), (3, 1, 3), 2, 0),
    (2, 1, 2, (2, 4, 5), (2, 1, 3), 1, 0),
    (1, 1, 2, (4, 4, 4), (2, 2, 2), 2, 1),
    (1, 1, 1, (4, 7, 4), (1, 1, 1), 3, 0),
]
# N, C, F, height, width
POINTS = [(1, 1, 1, 1, 1), (2, 3, 4, 3, 2), (1, 4, 2, 1, 5), (3, 2, 2, 4, 4), (2, 1, 3, 2, 3)]
# C, M, F, first kernel, second kernel
STACKS: list[tuple[int, int, int, tuple[int, int], tuple[int, int]]] = [
    (1, 1, 1, (1, 1), (1, 1)),
    (1, 1, 1, (3, 3), (3, 3)),
    (2, 3, 4, (3, 3), (3, 3)),
    (3, 2, 1, (1, 3), (4, 2)),
    (2, 4, 3, (2, 2), (1, 1)),
    (1, 3, 2, (1, 1), (3, 2)),
    (2, 2, 2, (5, 1), (1, 5)),
]


class Oracle:
    """Collects cases: arguments and results under a number, and what they are in ``index``."""

    def __init__(self) -> None:
        self.index: list[dict[str, Any]] = []
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}
        self._rng = np.random.default_rng(SEED)

    def draw(self, *shape: int) -> np.ndarray[Any, Any]:
        """Whole quarters from −4 to 4."""
        return self._rng.integers(-16, 17, shape) / 4

    def add(self, operator: str, arguments: dict[str, Any], results: dict[str, Any]) -> None:
        number = len(self.index)
        numbers = {k: v for k, v in arguments.items() if not isinstance(v, np.ndarray)}
        arrays = [name for name in arguments if name not in numbers]
        for name, value in {**{k: arguments[k] for k in arrays}, **results}.items():
            self.arrays[f"{number}.{name}"] = value
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


def layer(oracle: Oracle, n: int, c: int, f: int, size: Any, kernel: Any, s: int, p: int) -> None:
    """One layer forward, and for images backward too, through autograd."""
    arrays = [oracle.draw(n, c, *size), oracle.draw(f, c, *kernel), oracle.draw(f)]
    x, w, b = (torch.from_numpy(a).requires_grad_() for a in arrays)
    out = CONVOLVE[len(size)](x, w, b, stride=s, padding=p)
    inputs = dict(zip("xwb", arrays, strict=True))
    settings = {"conv_param": {"stride": s, "pad": p}}
    oracle.add(NAMES[len(size)], {**inputs, **settings}, {"out": out.detach().numpy()})
    if len(size) == 2:
        dout = oracle.draw(*out.shape)
        dx, dw, db = torch.autograd.grad(out, (x, w, b), torch.from_numpy(dout))
        results = {"dx": dx.numpy(), "dw": dw.numpy(), "db": db.numpy()}
        oracle.add("conv_backward", {"dout": dout, **inputs, **settings}, results)


def point(oracle: Oracle, n: int, c: int, f: int, height: int, width: int) -> None:
    """A 1×1 convolution."""
    x, w, b = oracle.draw(n, c, height, width), oracle.draw(f, c), oracle.draw(f)
    kernel = torch.from_numpy(w)[:, :, None, None]
    out = functional.conv2d(torch.from_numpy(x), kernel, torch.from_numpy(b))
    oracle.add("conv1x1_forward", {"x": x, "w": w, "b": b}, {"out": out.numpy()})


def stack(oracle: Oracle, c: int, m: int, f: int, first: Any, second: Any) -> None:
    """The kernel of two layers, read off from their answer to single ones.

    An image with a one at a single pixel and channel, large enough for the padding-free layers,
    gives the flipped kernel as its output; so no formula of composition enters.
    """
    w1, w2 = oracle.draw(m, c, *first), oracle.draw(f, m, *second)
    height, width = (a + b - 1 for a, b in zip(first, second, strict=True))
    impulses = torch.zeros(c, c, 2 * height - 1, 2 * width - 1, dtype=torch.float64)
    for channel in range(c):
        impulses[channel, channel, height - 1, width - 1] = 1
    middle = functional.conv2d(impulses, torch.from_numpy(w1))
    answer = functional.conv2d(middle, torch.from_numpy(w2))
    w = answer.flip(2, 3).permute(1, 0, 2, 3).contiguous()
    oracle.add("compose_convs", {"w1": w1, "w2": w2}, {"out": w.numpy()})


def main() -> None:
    torch.set_num_threads(1)
    oracle = Oracle()
    for entry in (*PLANES, *LINES, *VOLUMES):
        layer(oracle, *entry)
    for sizes in POINTS:
        point(oracle, *sizes)
    for kernels in STACKS:
        stack(oracle, *kernels)
    oracle.save()
    values = math.fsum(array.size for array in oracle.arrays.values())
    print(f"{TARGET}: {len(oracle.index)} cases, {values:.0f} values, torch {torch.__version__}")


if __name__ == "__main__":
    main()
