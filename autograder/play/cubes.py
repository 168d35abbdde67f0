"""Which numbers share a mean: the four normalizations, on a batch to look into."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from .controls import choice, slider
from .drawing import MARK, new_figure, png
from .thing import Array, Scene, Thing, signed

__all__ = ["normalizations"]

SAMPLES, CHANNELS, PLACES = 4, 6, 4

KINDS = ("batch norm", "layer norm", "instance norm", "group norm")


def normalizations() -> Thing:
    """A batch of four samples with six channels of 2×2 places, as a cube and unfolded.

    Choose a normalization, a sample and a channel: all numbers that share their mean with those of
    that sample and channel are marked, and the mean is worked out.
    """
    return Normalizations()


class Normalizations(Thing):
    """See :func:`normalizations`."""

    def __init__(self) -> None:
        self.kind = choice("Normalization", KINDS, "batch norm")
        self.sample = slider("Sample", 1, 0, SAMPLES - 1)
        self.channel = slider("Channel", 2, 0, CHANNELS - 1)
        self.groups = choice("Groups, for group norm", (1, 2, 3, 6), 2)
        self.batch = np.random.default_rng(4).integers(0, 10, (SAMPLES, CHANNELS, PLACES))
        super().__init__((self.kind, self.groups), (self.sample, self.channel))

    def settle(self) -> None:
        """Only group norm has groups."""
        self.groups.disabled = self.kind.value != "group norm"

    def shared(self) -> Array:
        """``bool (N, C)``: the samples and channels that share their mean with the chosen ones."""
        sample = np.arange(SAMPLES)[:, None] == self.sample.value
        channel = np.arange(CHANNELS)
        size = CHANNELS // self.groups.value
        among: Array = {
            "batch norm": (channel == self.channel.value) | ~np.ones_like(sample),
            "layer norm": sample | np.zeros(CHANNELS, bool),
            "instance norm": sample & (channel == self.channel.value),
            "group norm": sample & (channel // size == self.channel.value // size),
        }[self.kind.value]
        return among

    def draw(self) -> Scene:
        among = self.shared()
        chosen = self.batch[among]
        sets = SAMPLES * CHANNELS * PLACES // chosen.size
        mean, variance = chosen.mean(), chosen.var()

        figure = new_figure(9.2, 3.9)
        axes = figure.subplots(1, 2, width_ratios=(4, 6))
        _cube(axes[0], among)
        self._unfolded(axes[1], among)
        name = self.kind.value
        if name == "group norm":
            name += f" with {self.groups.value} group{'s' if self.groups.value > 1 else ''}"
        figure.suptitle(f"{name}: one of {sets} sets (hatched, framed)", fontsize=12)

        samples = _listed("sample", np.flatnonzero(among.any(axis=1)), SAMPLES)
        channels = _listed("channel", np.flatnonzero(among.any(axis=0)), CHANNELS)
        words = (
            f"{name[0].upper()}{name[1:]}: {chosen.size} numbers share a mean, those of {samples} "
            f"in {channels}, at all {PLACES} places. Their mean is {signed(mean)}, their variance "
            f"{signed(variance)}. The batch has {sets} such sets, so {sets} means."
        )
        if among.any(axis=1).sum() > 1:
            words += "\nOther samples take part: what one sample becomes depends on its batch."
        else:
            words += "\nNo other sample takes part: it is the same in training and at test time."
        alt = (
            f"On the left a cube of {SAMPLES} samples, {CHANNELS} channels and {PLACES} places. On "
            "the right the same unfolded into a table, a row for each sample, a column for each "
            f"channel, four numbers in each field. Hatched and framed are {samples}, {channels}."
        )
        return Scene(png(figure), alt, words)

    def _unfolded(self, axes: Axes, among: Array) -> None:
        for sample, channel in np.ndindex(SAMPLES, CHANNELS):
            marked = bool(among[sample, channel])
            axes.add_patch(
                Rectangle(
                    (channel + 0.04, sample + 0.04), 0.92, 0.92, linewidth=2.5 if marked else 0.8,
                    facecolor="0.85" if marked else "white", edgecolor=MARK if marked else "0.6",
                )
            )  # fmt: skip
            for place, value in enumerate(self.batch[sample, channel]):
                down, right = divmod(place, 2)
                axes.text(
                    channel + 0.3 + 0.4 * right, sample + 0.3 + 0.42 * down, str(value),
                    fontsize=10, fontweight="bold" if marked else "normal",
                    ha="center", va="center",
                ).set_in_layout(False)  # fmt: skip
        axes.set_xticks(np.arange(CHANNELS) + 0.5, [f"channel {c}" for c in range(CHANNELS)])
        axes.set_yticks(np.arange(SAMPLES) + 0.5, [f"sample {n}" for n in range(SAMPLES)])
        axes.tick_params(length=0, labelsize=9, labeltop=True, labelbottom=False)
        axes.set(xlim=(0, CHANNELS), ylim=(SAMPLES, 0))
        axes.spines[:].set_visible(False)


def _listed(what: str, found: Array, count: int) -> str:
    if len(found) == count:
        return f"all {count} {what}s"
    if len(found) == 1:
        return f"{what} {found[0]}"
    return f"{what}s {', '.join(map(str, found[:-1]))} and {found[-1]}"


def _cube(axes: Axes, among: Array) -> None:
    """The block seen from above on the right: samples to the right, channels to the back."""
    right, deep, up = np.array([0.86, -0.3]), np.array([0.7, 0.42]), np.array([0.0, 1.0])

    def face(corner: Array, one: Array, other: Array, marked: bool, grey: str) -> None:
        axes.add_patch(
            Polygon(
                np.array([corner, corner + one, corner + one + other, corner + other]),
                facecolor="0.72" if marked else grey, edgecolor="black" if marked else "0.6",
                hatch="////" if marked else None, linewidth=0.8, zorder=2 if marked else 1,
            )
        )  # fmt: skip

    for place in range(PLACES):
        for sample in range(SAMPLES):
            face(sample * right + place * up, right, up, bool(among[sample, 0]), "0.97")
        for channel in range(CHANNELS):
            corner = SAMPLES * right + channel * deep + place * up
            face(corner, deep, up, bool(among[-1, channel]), "0.92")
    for sample, channel in np.ndindex(SAMPLES, CHANNELS):
        corner = PLACES * up + sample * right + channel * deep
        face(corner, right, deep, bool(among[sample, channel]), "1.0")
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 10}
    x, y = SAMPLES / 2 * right + np.array([-0.3, -0.6])
    axes.text(x, y, "samples", rotation=-19, **style)
    x, y = SAMPLES * right + CHANNELS / 2 * deep + np.array([0.4, -0.55])
    axes.text(x, y, "channels", rotation=31, **style)
    axes.text(-0.5, PLACES / 2, "places", rotation=90, **style)
    axes.set(xlim=(-0.9, 8), ylim=(-2.2, 6.8), aspect="equal")
    axes.axis("off")
