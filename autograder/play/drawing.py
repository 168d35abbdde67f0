"""How things to play with draw blocks of numbers.

Nothing is told by colour alone: numbers stand in their cells, what is marked has a thick border or
a hatch, and greys are light enough to read black on them. What lies inside of axes is kept out of
the figure's layout, which would otherwise measure hundreds of numbers at each move.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Collection
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from PIL import Image

from .thing import Array, signed

__all__ = ["cells", "frame", "grey_map", "new_figure", "png"]

DPI = 80
MARK = "#9c1c1c"
"""A dark red, as dark as black in grey."""


def new_figure(width: float, height: float) -> Figure:
    """A figure that pyplot does not know, ``width`` by ``height`` inches; 80 pixels are an inch."""
    return Figure(figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white")


def png(figure: Figure) -> bytes:
    """The figure as a PNG on white, readable on a dark page too.

    It has at most 128 colours, nearly all of them greys: that is a third of the size, and these
    pictures are saved with notebooks.
    """
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    buffer = io.BytesIO()
    image.quantize(128, dither=Image.Dither.NONE).save(buffer, format="png")
    return buffer.getvalue()


def cells(
    axes: Axes,
    values: Array,
    title: str,
    *,
    hatched: Collection[tuple[int, int]] = (),
    size: float = 10,
) -> None:
    """Draw ``values`` ``(H, W)`` as a table of numbers; nan leaves a cell empty.

    Larger numbers stand on darker grey; cells in ``hatched`` are dotted.
    """
    height, width = values.shape
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    spread = (high - low) or 1.0
    greys = np.where(np.isfinite(values), 1 - 0.3 * (values - low) / spread, 1.0)
    axes.pcolormesh(
        greys, cmap="gray", vmin=0, vmax=1, edgecolors="0.55", linewidth=0.7
    ).set_in_layout(False)
    for row, column in hatched:
        axes.add_patch(
            Rectangle((column, row), 1, 1, fill=False, linewidth=0, hatch="....", edgecolor="0.6")
        ).set_in_layout(False)
    places: dict[str, list[tuple[float, float]]] = {}
    for row, column in np.argwhere(np.isfinite(values)):
        places.setdefault(signed(values[row, column]), []).append((column + 0.5, row + 0.5))
    for number, points in places.items():
        written = PathCollection(
            [_outline(number, size)], offsets=points, offset_transform=axes.transData,
            facecolor="black", linewidth=0,
        )  # fmt: skip
        written.set_transform(Affine2D().scale(DPI / 72))
        written.set_in_layout(False)
        axes.add_collection(written)
    axes.set(xlim=(-0.1, width + 0.1), ylim=(height + 0.1, -0.1), aspect="equal")
    axes.axis("off")
    axes.set_title(title, fontsize=11, y=1.0)


@functools.cache
def _outline(number: str, size: float) -> Path:
    """The outline of a number in points, around its middle.

    A table has the same few numbers many times; as texts of its own each takes milliseconds.
    """
    text = TextPath((0, 0), number, size=size)
    middle = text.get_extents().x0 / 2 + text.get_extents().x1 / 2
    return Affine2D().translate(-middle, -0.365 * size).transform_path(text)


def frame(axes: Axes, row: float, column: float, height: float, width: float, **style: Any) -> None:
    """A thick border around cells of a table."""
    chosen = {"edgecolor": MARK, "linewidth": 3, **style}
    border = Rectangle((column, row), width, height, fill=False, zorder=4, **chosen)
    axes.add_patch(border).set_in_layout(False)


def grey_map(figure: Figure, axes: Axes, values: Array, title: str) -> None:
    """Draw ``values`` ``(H, W)`` in grey, with a scale that says which grey is which number."""
    low, high = float(values.min()), float(values.max())
    if low < 0:
        high = max(-low, high)
        low = -high
    else:
        low, high = 0.0, high or 1.0
    shown = axes.imshow(values, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=11, y=1.0)
    ticks = [low, (low + high) / 2, high]
    bar = figure.colorbar(shown, ax=axes, orientation="horizontal", shrink=0.8, pad=0.03)
    bar.set_ticks(ticks, labels=[signed(tick) for tick in ticks])
