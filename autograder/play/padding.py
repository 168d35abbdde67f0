"""Where the windows of a filter land on a row of numbers, and whether the sizes work out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.patches import Rectangle

from .controls import slider
from .drawing import MARK, new_figure, png
from .thing import NothingYet, Scene, Thing, ask, counted, signed

__all__ = ["padding_and_stride"]


def padding_and_stride(conv_output_size: Callable[..., Any] | None = None) -> Thing:
    """A row of numbers, a filter, a stride and padding: every window is drawn and counted.

    If your own ``conv_output_size(size, kernel, stride, pad)`` is given, what it says stands
    beside.
    """
    return PaddingAndStride(conv_output_size)


class PaddingAndStride(Thing):
    """See :func:`padding_and_stride`."""

    def __init__(self, conv_output_size: Callable[..., Any] | None) -> None:
        self._yours = conv_output_size
        self.size = slider("Numbers", 7, 1, 16)
        self.kernel = slider("Kernel", 3, 1, 7)
        self.stride = slider("Stride", 2, 1, 4)
        self.padding = slider("Padding", 1, 0, 3)
        super().__init__((self.size, self.kernel), (self.stride, self.padding))

    def draw(self) -> Scene:
        size, kernel = self.size.value, self.kernel.value
        stride, pad = self.stride.value, self.padding.value
        # Every window is put down, one by one; no formula is needed for that.
        starts = list(range(-pad, size + pad - kernel + 1, stride))
        left = size + pad - (starts[-1] + kernel) if starts else 0

        figure = new_figure(8.5, 0.9 + 0.28 * (max(len(starts), 1) + 2))
        axes = figure.subplots()
        for at in range(-pad, size + pad):
            inside = 0 <= at < size
            never = bool(starts) and at >= size + pad - left
            axes.add_patch(
                Rectangle(
                    (at, 0), 1, 1, facecolor="0.88" if inside else "white", edgecolor="0.4",
                    linestyle="-" if inside else ":", hatch="xxx" if never else None,
                )
            )  # fmt: skip
            axes.text(at + 0.5, 0.5, str(at) if inside else "0", ha="center", va="center",
                      fontsize=10, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1}
                      if never else None)  # fmt: skip
        for number, start in enumerate(starts):
            y = -0.75 - 0.9 * number
            axes.plot([start + 0.08, start + kernel - 0.08], [y, y], color=MARK, linewidth=4,
                      solid_capstyle="butt")  # fmt: skip
            axes.text(-pad - 0.3, y, f"place {number}", ha="right", va="center", fontsize=10)
        title = counted(len(starts), "place") if starts and not left else "does not fit"
        axes.set_title(
            f"size {size}, kernel {kernel}, stride {stride}, padding {pad}: {title}", fontsize=11
        )
        axes.set(
            xlim=(-pad - 2.6, max(size + pad, 8) + 0.2),
            ylim=(-0.9 * max(len(starts), 1) - 0.6, 1.2),
        )
        axes.axis("off")

        sum_of_sizes = f"({size} + 2·{pad} − {kernel})"
        alt = (
            f"A row of {size} numbered cells, shaded, with {counted(pad, 'dotted cell')} of zeros "
            f"at each end. Below it one bar of length {kernel} for each place of the filter"
        )
        if not starts:
            words = (
                f"It does not fit: the filter of {kernel} is longer than the {size} + 2·{pad} = "
                f"{size + 2 * pad} numbers."
            )
            alt += "; there is none."
        elif left:
            words = (
                f"It does not fit: {sum_of_sizes} / {stride} = {size + 2 * pad - kernel} / "
                f"{stride} is not a whole number. After {counted(len(starts), 'place')} {left} of "
                "the numbers (crossed out) would never be looked at."
            )
            alt += (
                f", {counted(len(starts), 'bar')}; crossed out at the end: {counted(left, 'cell')}."
            )
        else:
            words = (
                f"{sum_of_sizes} / {stride} + 1 = {size + 2 * pad - kernel} / {stride} + 1 = "
                f"{counted(len(starts), 'place')}."
            )
            alt += (
                f", {counted(len(starts), 'bar')}, each {counted(stride, 'cell')} further to the "
                "right than the one above."
            )
        if self._yours is not None:
            words += "\n" + _said(self._yours, size, kernel, stride, pad)
        return Scene(png(figure), alt, words)


def _said(function: Callable[..., Any], *arguments: int) -> str:
    """What the student's function says, in a sentence."""
    call = f"conv_output_size({', '.join(map(str, arguments))})"
    refused: list[ValueError] = []

    def asked(*given: int) -> Any:
        try:
            return function(*given)
        except ValueError as error:  # which is the right answer where it does not fit
            refused.append(error)

    asked.__name__ = getattr(function, "__name__", "your function")
    try:
        result = ask(asked, *arguments)
    except NothingYet:
        return "Once you have written conv_output_size, its answer stands here too."
    if refused:
        return f"Your {call} raises ValueError: {refused[0]}"
    return f"Your {call} is {signed(result) if isinstance(result, int | float) else repr(result)}."
