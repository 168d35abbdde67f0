"""Which pixels one number of a stack of layers looks at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from matplotlib.patches import Rectangle

from .controls import button, slider
from .drawing import MARK, new_figure, png
from .thing import NothingYet, Scene, Thing, ask, counted

__all__ = ["receptive_fields"]

MOST = 4


def receptive_fields(
    receptive_field: Callable[..., Any] | None = None, layers: Any = ((3, 1), (3, 1))
) -> Thing:
    """A stack of layers to build, drawn with all that one number of the last layer looks at.

    ``layers`` are pairs (kernel, stride) to begin with, from the input on: one to four of them,
    kernels of 1 to 5, strides of 1 to 3; ``ValueError`` otherwise. If your own
    ``receptive_field(layers)`` is given, what it says stands beside.
    """
    given = [tuple(layer) for layer in layers]
    right = all(
        len(pair) == 2 and pair[0] in range(1, 6) and pair[1] in range(1, 4) for pair in given
    )
    if not 1 <= len(given) <= MOST or not right:
        raise ValueError(
            f"layers must be one to {MOST} pairs (kernel, stride), kernels of 1 to 5 and strides "
            f"of 1 to 3; got {layers!r}"
        )
    return ReceptiveFields(receptive_field, given)


class ReceptiveFields(Thing):
    """See :func:`receptive_fields`."""

    def __init__(
        self, receptive_field: Callable[..., Any] | None, layers: list[tuple[Any, ...]]
    ) -> None:
        self._yours = receptive_field
        self.kernels, self.strides = [], []
        for number in range(MOST):
            kernel, stride = layers[number] if number < len(layers) else (3, 1)
            self.kernels.append(slider(f"Layer {number + 1}: kernel", kernel, 1, 5))
            self.strides.append(slider(f"Layer {number + 1}: stride", stride, 1, 3))
        self._count = len(layers)
        self.add = button("Add a layer", f"One more layer on top; {MOST} at most")
        self.remove = button("Remove a layer", "Takes the last layer away; one stays")
        self.add.on_click(lambda _: self._change(1))
        self.remove.on_click(lambda _: self._change(-1))
        super().__init__((self.add, self.remove), *zip(self.kernels, self.strides, strict=True))

    @property
    def layers(self) -> list[tuple[int, int]]:
        """The pairs (kernel, stride), from the input on."""
        pairs = zip(self.kernels, self.strides, strict=True)
        return [(kernel.value, stride.value) for kernel, stride in pairs][: self._count]

    def _change(self, by: int) -> None:
        self._count = min(max(self._count + by, 1), MOST)
        self.refresh()

    def settle(self) -> None:
        """Layers that are not there cannot be changed."""
        for number, pair in enumerate(zip(self.kernels, self.strides, strict=True)):
            for control in pair:
                control.disabled = number >= self._count
        self.add.disabled, self.remove.disabled = self._count == MOST, self._count == 1

    def draw(self) -> Scene:
        layers = self.layers
        seen = _seen(layers, 0)
        pixels = seen[0]
        first, last = min(pixels), max(pixels)
        size = last - first + 1
        jump = min(_seen(layers, 1)[0]) - first

        figure = new_figure(8.5, 0.9 + 0.75 * (len(layers) + 1))
        axes = figure.subplots()
        # How far apart neighbours stand, and where the first one's middle lies, in pixels.
        place = [
            (min(_seen(layers[:n], 1)[0]), _middle(layers[:n])) for n in range(len(layers) + 1)
        ]
        for level, numbers in enumerate(seen):
            distance, middle = place[level]
            width = min(0.86, 0.86 * 40 / max(size, 40) * 1.5) if level == 0 else 0.9
            for at in range(min(numbers), max(numbers) + 1):
                x = middle + at * distance
                used = at in numbers
                axes.add_patch(
                    Rectangle(
                        (x - width / 2, level - 0.17), width, 0.34, zorder=3, edgecolor="black",
                        facecolor="0.8" if used else "white", linewidth=0.8 if size < 60 else 0.4,
                        linestyle="-" if used else ":",
                        hatch="////" if used and level == 0 and size < 60 else None,
                    )
                )  # fmt: skip
            if level == 0:
                continue
            kernel, stride = layers[level - 1]
            below_distance, below_middle = place[level - 1]
            for at in numbers:
                x = middle + at * distance
                for end in {at * stride, at * stride + kernel - 1}:
                    axes.plot(
                        [x, below_middle + end * below_distance], [level - 0.17, level - 0.83],
                        color=MARK if level == len(layers) else "0.5", linewidth=1,
                    )  # fmt: skip
        left = first - 0.06 * max(size, 12)
        for level in range(len(seen)):
            label = (
                "pixels" if level == 0 else f"layer {level}: kernel {layers[level - 1][0]}, stride "
            )
            label += "" if level == 0 else str(layers[level - 1][1])
            axes.text(left, level, label, ha="right", va="center", fontsize=10)
        margin = max(size, 12)
        axes.set(
            xlim=(left - 0.38 * margin, max(last, first + 11) + 1), ylim=(-0.4, len(layers) + 0.4)
        )
        axes.set_title(
            f"one number of layer {len(layers)} sees {counted(size, 'pixel')}", fontsize=11
        )
        axes.axis("off")

        named = ", ".join(f"({kernel}, {stride})" for kernel, stride in layers)
        words = [
            f"Layers (kernel, stride): {named}. One number sees {counted(size, 'pixel')} along one "
            f"axis; its neighbour sees as many, {jump} further on."
        ]
        if len(pixels) < size:
            words.append(
                f"Only {len(pixels)} of them are really looked at: a stride is longer than its "
                "kernel."
            )
        if self._yours is not None:
            words.append(_said(self._yours, layers))
        alt = (
            "Rows of boxes, one row a layer, with the pixels at the bottom. From one box at the "
            f"top lines spread downwards to {', '.join(str(len(row)) for row in seen[-2::-1])} "
            f"boxes; the pixels that it depends on are hatched: {len(pixels)} within a stretch of "
            f"{size}."
        )
        return Scene(png(figure), alt, "\n".join(words))


def _seen(layers: list[tuple[int, int]], number: int) -> list[set[int]]:
    """For each level from the pixels up, what of it the ``number`` at the top looks at."""
    levels = [{number}]
    for kernel, stride in reversed(layers):
        levels.append({at * stride + step for at in levels[-1] for step in range(kernel)})
    return levels[::-1]


def _middle(layers: list[tuple[int, int]]) -> float:
    """Where the middle of what number 0 looks at lies, in pixels."""
    pixels = _seen(layers, 0)[0]
    return (min(pixels) + max(pixels)) / 2


def _said(function: Callable[..., Any], layers: list[tuple[int, int]]) -> str:
    try:
        return f"Your receptive_field({layers}) is {ask(function, layers)!r}."
    except NothingYet:
        return "Once you have written receptive_field, its answer stands here too."
