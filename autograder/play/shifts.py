"""What pooling makes of a pattern that moves by a few pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import datasets
from .controls import choice, slider
from .drawing import cells, frame, new_figure, png
from .thing import Array, Scene, Thing, array_of, ask, counted, signed

__all__ = ["pooling_and_shifts"]

SIDE = 8


def pooling_and_shifts(
    max_pool_forward: Callable[..., Any], avg_pool_forward: Callable[..., Any]
) -> Thing:
    """A pattern to move to the right, and what three ways to make it smaller give before and after.

    ``max_pool_forward(x, pool_param)`` and ``avg_pool_forward(x, pool_param)`` are your own layers,
    with loops or without; stepping, the third way, keeps the first pixel of each window.
    """
    return PoolingAndShifts(max_pool_forward, avg_pool_forward)


class PoolingAndShifts(Thing):
    """See :func:`pooling_and_shifts`."""

    def __init__(
        self, max_pool_forward: Callable[..., Any], avg_pool_forward: Callable[..., Any]
    ) -> None:
        self._layers = {"maximum": max_pool_forward, "average": avg_pool_forward}
        self.shift = slider("Shift to the right, in pixels", 1, 0, 3)
        self.window = choice("Window", {"2×2": 2, "4×4": 4}, 2)
        self.pattern = choice("Pattern", list(PATTERNS), "a corner")
        super().__init__((self.shift,), (self.window, self.pattern))

    def draw(self) -> Scene:
        before = PATTERNS[self.pattern.value]()
        after = np.roll(before, self.shift.value, axis=1)
        side = self.window.value
        ways = {
            name: (self._pooled(name, before), self._pooled(name, after)) for name in self._layers
        }
        ways["stepping"] = before[::side, ::side], after[::side, ::side]

        figure = new_figure(9.2, 4.9)
        axes = figure.subplots(2, 4, width_ratios=(5, 3, 3, 3))
        small = 9 if side == 2 else 11
        for line, picture, title in zip(
            axes, (before, after), ("before", f"moved by {self.shift.value}"), strict=True
        ):
            cells(line[0], picture, title, size=9)
            for row, column in np.ndindex(SIDE // side, SIDE // side):
                frame(
                    line[0], row * side, column * side, side, side, linewidth=1.6, edgecolor="0.2"
                )
        said = []
        for (name, (first, second)), above, below in zip(
            ways.items(), axes[0, 1:], axes[1, 1:], strict=True
        ):
            changed = ~np.isclose(first, second)
            cells(above, first, name, size=small)
            cells(below, second, f"{changed.sum()} of {changed.size} changed", size=small)
            for row, column in np.argwhere(changed):
                frame(below, row + 0.08, column + 0.08, 0.84, 0.84, linestyle="--", linewidth=2)
            largest = np.abs(second - first).max()
            said.append(
                f"{name}: {changed.sum()} of {changed.size} numbers change"
                + (f", by {signed(largest)} at most." if changed.any() else ".")
            )
        words = (
            f"{self.pattern.value}, moved by {self.shift.value}, windows of {side}×{side}, side by "
            "side.\n" + "\n".join(said)
        )
        alt = (
            "Two rows of tables, before and after the pattern has moved by "
            f"{counted(self.shift.value, 'pixel')}: the picture of {SIDE} by {SIDE} numbers with "
            "its windows framed, then what maximum, average and stepping make of it. In the lower "
            "row numbers that have changed have a dashed frame. " + " ".join(said)
        )
        return Scene(png(figure), alt, words[0].upper() + words[1:])

    def _pooled(self, name: str, picture: Array) -> Array:
        side = self.window.value
        layer = self._layers[name]
        pool_param = {"pool_height": side, "pool_width": side, "stride": side}
        result = ask(layer, picture[None, None].copy(), pool_param)
        who = getattr(layer, "__name__", name)
        pooled: Array = array_of(result, (1, 1, SIDE // side, SIDE // side), who)[0, 0]
        return pooled


def _dot() -> Array:
    picture = np.zeros((SIDE, SIDE))
    picture[3, 2] = 8
    return picture


def _corner() -> Array:
    picture = np.zeros((SIDE, SIDE))
    picture[1, 1:5] = picture[1:6, 1] = 8
    return picture


def _bars() -> Array:
    picture = np.zeros((SIDE, SIDE))
    picture[:, ::2] = 8
    return picture


def _digit() -> Array:
    digit: Array = np.rint(datasets.digits().x_train[5, 0].astype(float) * 16)
    return digit


PATTERNS: dict[str, Callable[[], Array]] = {
    "a dot": _dot,
    "a corner": _corner,
    "bars": _bars,
    "a digit": _digit,
}
