"""How the tasks of the convolution assignment are called, and how fast they must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..assertions import speed
from .calling import Call, Protocol

__all__ = [
    "BACKWARD",
    "FORWARD",
    "LARGE",
    "PROTOCOL",
    "TIMINGS",
    "VECTORIZED",
    "arguments_of",
    "growing",
]

FORWARD = (
    "conv_forward_naive",
    "conv_forward_vectorized",
    "conv1d_forward",
    "conv3d_forward",
)
BACKWARD = ("conv_backward_naive", "conv_backward_vectorized")
VECTORIZED = ("conv_forward_vectorized", "conv_backward_vectorized")

_GRADIENTS = ("dx", "dw", "db")

PROTOCOL = Protocol(
    "convolution",
    {
        **{
            name: Call(name)
            for name in (
                "conv_output_size",
                "same_padding",
                "conv_cost",
                "receptive_field",
                "conv1x1_forward",
                "compose_convs",
            )
        },
        "conv_forward_naive": Call("conv_forward", ("out",), cache="returned"),
        "conv_forward_vectorized": Call("conv_forward", ("out",), cache="returned"),
        "conv1d_forward": Call("conv1d_forward", ("out",), cache="returned"),
        "conv3d_forward": Call("conv3d_forward", ("out",), cache="returned"),
        "conv_backward_naive": Call("conv_backward", _GRADIENTS, forward="conv_forward_naive"),
        "conv_backward_vectorized": Call(
            "conv_backward", _GRADIENTS, forward="conv_forward_vectorized"
        ),
    },
)

LARGE: Mapping[str, int] = {"N": 8, "C": 8, "F": 32, "H": 16, "W": 16}
"""The sizes at which speed is measured, with filters of 3×3, stride 1 and one pixel of padding.
With the padding 18 pixels, of which Fourier transforms are quick; 26 are not."""


def arguments_of(task: str, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Random arguments of the operator of ``task``, by name, for sizes N, C, F, H and W."""
    n, c, f, h, w = (sizes[name] for name in "NCFHW")
    arguments = {"dout": rng.standard_normal((n, f, h, w))} if task in BACKWARD else {}
    return {
        **arguments,
        "x": rng.standard_normal((n, c, h, w)),
        "w": rng.standard_normal((f, c, 3, 3)),
        "b": rng.standard_normal(f),
        "conv_param": {"stride": 1, "pad": 1},
    }


# Right answers that we keep take 0.2 to 1.4 yardsticks (1.9 where BLAS knows no AVX2), products of
# all filters that are summed afterwards 4.5, and an einsum without optimize 11. A backward pass
# makes two products and adds the columns of dx up, for which NumPy has nothing quick: right answers
# take up to 2.6 (3.5), einsum 15.
_BACKWARD_LIMIT = 3 * speed.LIMIT

_LEAST = (LARGE["N"], LARGE["F"], LARGE["C"] * 9, LARGE["H"] * LARGE["W"])
TIMINGS = {
    task: speed.Timing(_BACKWARD_LIMIT if task in BACKWARD else speed.LIMIT, LARGE, _LEAST)
    for task in VECTORIZED
}


def growing(task: str) -> tuple[Mapping[str, int], Mapping[str, str]]:
    """The sizes at which steps of ``task`` are counted, and which of them grow, by name."""
    sizes = {"N": 2, "C": 2, "F": 2, "H": 6, "W": 6}
    return sizes, {"images": "N", "channels": "C", "filters": "F", "pixels": "HW"}
