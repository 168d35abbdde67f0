"""How the tasks of the convolution assignment are called, and how fast they must be."""

from __future__ import annotations

from ..assertions import speed
from .calling import Call, Protocol

__all__ = ["BACKWARD", "FORWARD", "PROTOCOL", "speed_limit"]

FORWARD = (
    "conv_forward_naive",
    "conv_forward_vectorized",
    "conv1d_forward",
    "conv3d_forward",
)
BACKWARD = ("conv_backward_naive", "conv_backward_vectorized")

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

PRODUCTS_BACKWARD = 3
"""Of the yardstick's kind: for ``dw``, for the columns of ``dx``, and adding these up."""


def speed_limit(task: str) -> float:
    """How many yardsticks ``task`` may take; a backward pass as much as three forward passes."""
    return speed.LIMIT * (PRODUCTS_BACKWARD if task in BACKWARD else 1)
