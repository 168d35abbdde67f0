"""A filter that slides over a small picture, with the arithmetic of the window where it stands."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import datasets
from .controls import button, slider
from .drawing import cells, frame, new_figure, png
from .thing import Array, Scene, Thing, counted, signed

__all__ = ["sliding_filter"]

TO_THE_RIGHT = ((-1, 0, 1), (-1, 0, 1), (-1, 0, 1))
LARGEST = 12


def sliding_filter(picture: Any = None, kernel: Any = None) -> Thing:
    """A filter to slide over a picture by hand; each place that it visits writes its number.

    ``picture`` is an array ``(H, W)`` of at most 12×12 numbers, by default a handwritten digit with
    its values 0 to 16; ``kernel`` is one ``(HH, WW)`` of at most 5×5, by default a difference from
    left to right. Raises ``ValueError`` for other sizes, or a kernel that does not fit.
    """
    if picture is None:
        picture = np.rint(datasets.digits().x_train[5, 0] * 16)
    return SlidingFilter(
        np.array(picture, float), np.array(TO_THE_RIGHT if kernel is None else kernel, float)
    )


class SlidingFilter(Thing):
    """See :func:`sliding_filter`."""

    def __init__(self, picture: Array, kernel: Array) -> None:
        for array, most, name in ((picture, LARGEST, "picture"), (kernel, 5, "kernel")):
            if array.ndim != 2 or not 1 <= min(array.shape) <= max(array.shape) <= most:
                raise ValueError(f"the {name} must be a table of at most {most}×{most} numbers")
        if any(k > p for k, p in zip(kernel.shape, picture.shape, strict=True)):
            raise ValueError(f"a kernel {kernel.shape} does not fit into a picture {picture.shape}")
        self.input, self.kernel = picture, kernel
        self.row = slider("Row of the output", 0, 0, picture.shape[0] - kernel.shape[0])
        self.column = slider("Column of the output", 0, 0, picture.shape[1] - kernel.shape[1])
        self.stride = slider("Stride", 1, 1, 3)
        self.padding = slider("Padding", 0, 0, 2)
        self.next = button("Next place", "Moves the filter on by one place, in reading order")
        self.next.on_click(lambda _: self.advance())
        self._written: dict[tuple[int, int], float] = {}
        self._geometry = (1, 0)
        super().__init__((self.row, self.column, self.next), (self.stride, self.padding))

    def advance(self) -> None:
        """Move the filter on by one place; from the last place back to the first."""
        at = self.row.value * (self.column.max + 1) + self.column.value + 1
        at %= (self.row.max + 1) * (self.column.max + 1)
        with self.together():
            self.row.value, self.column.value = divmod(at, self.column.max + 1)

    def settle(self) -> None:
        """With another stride or padding there are other places, and nothing is written yet."""
        if self._geometry != (self.stride.value, self.padding.value):
            self._geometry = (self.stride.value, self.padding.value)
            self._written.clear()
        for control, size, kernel in zip(
            (self.row, self.column), self.input.shape, self.kernel.shape, strict=True
        ):
            control.max = len(self._stops(size, kernel)) - 1

    def _stops(self, size: int, kernel: int) -> range:
        """Where windows begin along an axis of the padded picture."""
        return range(0, size + 2 * self.padding.value - kernel + 1, self.stride.value)

    def draw(self) -> Scene:
        row, column = self.row.value, self.column.value
        stride, pad = self.stride.value, self.padding.value
        height, width = self.kernel.shape
        padded = np.pad(self.input, pad)
        top, left = row * stride, column * stride
        window = padded[top : top + height, left : left + width]
        value = float(np.vdot(window, self.kernel))
        self._written[row, column] = value
        output = np.full((self.row.max + 1, self.column.max + 1), np.nan)
        for place, written in self._written.items():
            output[place] = written

        figure = new_figure(9.2, 3.9)
        axes = figure.subplots(1, 3, width_ratios=(5, 2, 4))
        border = {
            place
            for place in np.ndindex(padded.shape)
            if not all(
                pad <= at < pad + size for at, size in zip(place, self.input.shape, strict=True)
            )
        }
        title = "picture" if not pad else "picture, and zeros around it (dotted)"
        cells(axes[0], padded, title, hatched=border, size=10 if max(padded.shape) < 11 else 8)
        frame(axes[0], top, left, height, width)
        cells(axes[1], self.kernel, "filter", size=11)
        cells(axes[2], output, "output so far", size=9)
        frame(axes[2], row, column, 1, 1)

        sums = [
            " + ".join(f"{signed(a)}·{_factor(b)}" for a, b in zip(*lines, strict=True))
            for lines in zip(window, self.kernel, strict=True)
        ]
        arithmetic = "\n+ ".join(sums) + f" = {signed(value)}"
        words = [f"The filter stands at row {row}, column {column} and writes {signed(value)}."]
        words += arithmetic.splitlines()
        words += self._left_over()
        figure.supxlabel("  " + arithmetic, fontsize=10, family="monospace")
        alt = (
            f"A picture of {padded.shape[0]} by {padded.shape[1]} "
            f"numbers{f', {pad} of zeros on each side among them' if pad else ''}. A frame marks "
            f"the window of {height} by {width} numbers whose first row is {top} and first column "
            f"{left}. Beside it the filter, and the output of {output.shape[0]} by "
            f"{output.shape[1]} places with {counted(len(self._written), 'number')} written so "
            "far; the present one is framed."
        )
        return Scene(png(figure), alt, "\n".join(words))

    def _left_over(self) -> list[str]:
        """Sentences on rows and columns that no window reaches."""
        said = []
        for axis, name in enumerate(("rows", "columns")):
            size, kernel = self.input.shape[axis] + 2 * self.padding.value, self.kernel.shape[axis]
            left = size - self._stops(size - 2 * self.padding.value, kernel)[-1] - kernel
            if left:
                said.append(
                    f"It does not work out: {left} of the {size} {name} would never be looked at. "
                    "The layers of this course raise a ValueError then."
                )
        return said


def _factor(value: float) -> str:
    """A number to multiply with, in brackets where it is negative."""
    return f"({signed(value)})" if value < 0 else signed(value)
