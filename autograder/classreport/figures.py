"""Figures of a class report: SVG to stand inside a page, with the same data as a table.

All ink is ``currentColor``, so a figure has the colours of the page around it, in the dark and on
paper too, and nothing is told by colour.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..exports.html import points

__all__ = ["Picture", "histogram", "shares"]

# A colour that nothing else has, to be replaced.
_INK = "#010203"

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "text.color": _INK,
    "text.parse_math": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "path.simplify": False,
}


@dataclass(frozen=True)
class Picture:
    """A figure: ``svg`` for the page, ``alt`` in words, and its data with ``columns``."""

    svg: Markup
    alt: str
    columns: tuple[str, str]
    rows: tuple[tuple[str, str], ...]


def histogram(
    values: Sequence[float], *, most: float, unit: str, what: str, name: str, bins: int = 10
) -> Picture:
    """How many of ``values`` (from 0 to ``most``, in ``unit``) lie in each of ``bins`` equal parts.

    The last part holds ``most`` too. ``what`` is the title, ``name`` a word unique on the page.
    """
    most = most if most > 0 else 1.0
    width = most / bins
    counts = [0] * bins
    for value in values:
        counts[min(max(int(value / width + 1e-9), 0), bins - 1)] += 1
    edges = [points(width * i) for i in range(bins + 1)]
    parts = [f"{edges[i]} to {edges[i + 1]}" for i in range(bins)]
    middle = sorted(values)[len(values) // 2] if len(values) % 2 else _middle(values)
    top = max(range(bins), key=lambda i: counts[i])
    alt = (
        f"{what}: {len(values)} submissions, median {points(middle)} {unit}, "
        f"most of them ({counts[top]}) from {parts[top]} {unit}."
    )

    def draw(axes: Axes) -> None:
        axes.bar(
            [width * (i + 0.5) for i in range(bins)], counts, width=width * 0.92,
            color=_INK, alpha=0.55, linewidth=0,
        )  # fmt: skip
        highest = max(counts) or 1
        for i, count in enumerate(counts):
            if count:
                axes.text(width * (i + 0.5), count + highest * 0.02, str(count), ha="center")
        if values:
            # Above the bars, where it hides no number.
            axes.vlines(middle, highest * 1.14, highest * 1.32, color=_INK, linewidth=1.6)
            left = middle > 0.75 * most
            axes.annotate(
                f"median {points(middle)}", (middle, highest * 1.26), xytext=(-5 if left else 5, 0),
                textcoords="offset points", ha="right" if left else "left", va="center",
            )  # fmt: skip
        axes.set(xlim=(0, most), ylim=(0, highest * 1.34), xlabel=unit, ylabel="submissions")
        axes.set_xticks([width * i for i in range(bins + 1)], edges)
        axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(5, integer=True))

    svg = _svg(draw, (9.6, 3.0), alt, name)
    rows = tuple((part, str(count)) for part, count in zip(parts, counts, strict=True))
    return Picture(svg, alt, (unit, "submissions"), rows)


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return (ordered[half - 1] + ordered[half]) / 2 if ordered else 0.0


def shares(entries: Sequence[tuple[str, float]], *, what: str, name: str) -> Picture:
    """Bars for named shares from 0 to 1, the first on top."""
    percent = [round(100 * share) for _, share in entries]
    low = min(range(len(entries)), key=lambda i: entries[i][1]) if entries else 0
    alt = f"{what}: one bar for each of {len(entries)} tasks"
    if entries:
        alt += f"; the lowest is {entries[low][0]} with {percent[low]} %"
    alt += "."

    def draw(axes: Axes) -> None:
        places = list(range(len(entries)))
        axes.barh(places, [100.0] * len(entries), height=0.66, color=_INK, alpha=0.1, linewidth=0)
        axes.barh(places, percent, height=0.66, color=_INK, alpha=0.55, linewidth=0)
        for place, value in zip(places, percent, strict=True):
            axes.text(101.5, place, f"{value} %", va="center")
        axes.set_yticks(places, [label for label, _ in entries])
        axes.set(xlim=(0, 100), ylim=(len(entries) - 0.4, -0.6))
        axes.set_xticks([0, 25, 50, 75, 100], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)

    svg = _svg(draw, (9.6, 0.7 + 0.3 * max(len(entries), 1)), alt, name)
    rows = tuple((label, f"{v} %") for (label, _), v in zip(entries, percent, strict=True))
    return Picture(svg, alt, ("task", "mean share of the points"), rows)


def _svg(draw: Callable[[Axes], None], size: tuple[float, float], alt: str, name: str) -> Markup:
    """What ``draw`` draws, as an element for a page; ``size`` in inches."""
    with matplotlib.rc_context({**_SETTINGS, "svg.hashsalt": name}):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        draw(axes)
        file = io.StringIO()
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    text = file.getvalue()
    text = text[text.index("<svg") :].replace(_INK, "currentColor")
    # Names of groups repeat from figure to figure, and nothing refers to them.
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    width, height = (math.ceil(72 * side) for side in size)
    text = re.sub(r'(<svg [^>]*?)width="[^"]*" height="[^"]*"', r"\1", text, count=1)
    start = f'<svg role="img" aria-label="{escape(alt)}" width="{width}" height="{height}" '
    return Markup(text.replace("<svg ", start, 1))
