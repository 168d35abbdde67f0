"""Trusted tiny layers that a check may hand to a task by name, because no function travels.

A layer takes one image as ``(1, C, H, W)`` and returns ``(1, F, H', W')``, a new array. None of
them is an answer to a task.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["LAYERS"]

Array = np.ndarray[Any, Any]
Layer = Callable[[Array], Array]


def _one_image(layer: Layer) -> Layer:
    @functools.wraps(layer)
    def checked(x: Array) -> Array:
        if type(x) is not np.ndarray or x.ndim != 4 or x.shape[0] != 1:
            got = f"the shape {x.shape}" if isinstance(x, np.ndarray) else type(x).__name__
            raise ValueError(f"a layer takes an array of shape (1, C, H, W), but got {got}")
        return layer(x)

    return checked


@_one_image
def _identity(x: Array) -> Array:
    return x.copy()


@_one_image
def _negation(x: Array) -> Array:
    return -x


@_one_image
def _square(x: Array) -> Array:
    return x * x


@_one_image
def _constant(x: Array) -> Array:
    return np.ones_like(x)


@_one_image
def _channel_sum(x: Array) -> Array:
    return np.asarray(x.sum(axis=1, keepdims=True))


@_one_image
def _every_second_pixel(x: Array) -> Array:
    return x[:, :, ::2, ::2].copy()


@_one_image
def _minus_previous_pixel(x: Array) -> Array:
    return x - np.roll(x, 1, axis=3)


@_one_image
def _brighter_to_the_right(x: Array) -> Array:
    return x * np.arange(1, x.shape[3] + 1, dtype=x.dtype)


LAYERS: Mapping[str, Layer] = {
    "identity": _identity,
    "negation": _negation,
    "square": _square,
    "constant": _constant,
    "channel_sum": _channel_sum,
    "every_second_pixel": _every_second_pixel,
    "minus_previous_pixel": _minus_previous_pixel,
    "brighter_to_the_right": _brighter_to_the_right,
}
