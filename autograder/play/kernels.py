"""A filter to change by hand, and the activation map that the student's layer makes with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import datasets
from .controls import choice, number
from .drawing import cells, grey_map, new_figure, png
from .thing import Array, Scene, Thing, array_of, ask, signed

__all__ = ["PRESETS", "activation_map"]

OWN = "your own"

PRESETS: dict[str, tuple[float, ...]] = {
    "identity": (0, 0, 0, 0, 1, 0, 0, 0, 0),
    "blur": (1 / 9,) * 9,
    "sharpen": (0, -1, 0, -1, 5, -1, 0, -1, 0),
    "Sobel, to the right": (-1, 0, 1, -2, 0, 2, -1, 0, 1),
    "Sobel, downwards": (-1, -2, -1, 0, 0, 0, 1, 2, 1),
    "emboss": (-2, -1, 0, -1, 1, 1, 0, 1, 2),
}
"""Well-known filters, row by row."""


def activation_map(conv_forward: Callable[..., Any], photograph: str = "coffee") -> Thing:
    """A 3×3 filter to edit, and what ``conv_forward`` makes of a photograph with it.

    ``conv_forward(x, w, b, conv_param)`` is your own layer, with loops or without; it is called
    with one grey picture, one filter, no bias, stride 1 and padding 1. Raises ``ValueError`` for an
    unknown ``photograph``.
    """
    datasets.photograph(photograph)
    return ActivationMap(conv_forward, photograph)


class ActivationMap(Thing):
    """See :func:`activation_map`."""

    def __init__(self, conv_forward: Callable[..., Any], photograph: str) -> None:
        self._layer = conv_forward
        self.preset = choice("Filter", [*PRESETS, OWN], "Sobel, to the right")
        self.photograph = choice("Photograph", datasets.names(), photograph)
        self._last = self.preset.value
        self.fields = [
            number(f"Row {place // 3}, column {place % 3}", value)
            for place, value in enumerate(PRESETS[self._last])
        ]
        lines = (self.fields[start : start + 3] for start in (0, 3, 6))
        super().__init__((self.preset, self.photograph), *lines)

    def settle(self) -> None:
        """A chosen filter fills the fields; fields that were changed are nobody's but yours."""
        if self.preset.value != self._last and self.preset.value != OWN:
            for field, value in zip(self.fields, PRESETS[self.preset.value], strict=True):
                field.value = value
        numbers = tuple(field.value for field in self.fields)
        names = [name for name, values in PRESETS.items() if np.allclose(values, numbers)]
        self.preset.value = self._last = names[0] if names else OWN

    def draw(self) -> Scene:
        picture = _grey(self.photograph.value)
        kernel = np.array([field.value for field in self.fields]).reshape(3, 3)
        arguments = (picture[None, None], kernel[None, None], np.zeros(1))
        result = ask(self._layer, *arguments, {"stride": 1, "pad": 1})
        name = getattr(self._layer, "__name__", "your layer")
        activation = array_of(result, (1, 1, *picture.shape), name)[0, 0]

        figure = new_figure(9.2, 3.6)
        axes = figure.subplots(1, 3, width_ratios=(4, 2, 4))
        axes[0].imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes[0].set(xticks=[], yticks=[])
        axes[0].set_title("photograph, in grey", fontsize=11, y=1.0)
        cells(axes[1], kernel, f"filter: {self.preset.value}", size=11)
        grey_map(figure, axes[2], activation, f"what {name} makes of it")

        low, high = activation.min(), activation.max()
        row, column = np.unravel_index(np.abs(activation).argmax(), activation.shape)
        at_border = row in (0, picture.shape[0] - 1) or column in (0, picture.shape[1] - 1)
        border = ", at the border: the zeros of the padding count as black" if at_border else ""
        words = (
            f"The map of {self.preset.value!r} goes from {signed(low)} to {signed(high)}, and "
            f"{np.mean(activation < 0):.0%} of it is negative. It answers most strongly, with "
            f"{signed(activation[row, column])}, at row {row}, column {column}{border}. "
            f"The filter's numbers add up to {signed(kernel.sum())}: that is what it makes of an "
            "even area of brightness 1."
        )
        lines = "; ".join(", ".join(signed(value) for value in line) for line in kernel)
        alt = (
            f"Three pictures: the photograph {self.photograph.value} in grey, the filter with the "
            f"rows {lines}, and its activation map in grey, from {signed(low)} to {signed(high)}, "
            "with a scale."
        )
        return Scene(png(figure), alt, words)


def _grey(name: str) -> Array:
    """A photograph in grey at half its size, so that a layer with loops keeps up."""
    grey: Array = datasets.photograph(name).mean(axis=2)
    height, width = grey.shape
    half: Array = grey.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    return half
