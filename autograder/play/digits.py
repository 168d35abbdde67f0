"""A digit to draw, and what a trained network sees in it, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import datasets
from .controls import button, library, made
from .drawing import new_figure, png
from .thing import Array, NothingYet, Scene, Thing, ask, counted

__all__ = ["draw_digit"]

MAPS = 8
"""How many maps of a layer are drawn."""


def draw_digit(
    convnet_predict: Callable[..., Any],
    params: Mapping[str, Any],
    layers: Any,
    data: datasets.Split | None = None,
) -> Thing:
    """A digit to draw with the mouse or the keyboard, and how your network reads it.

    ``convnet_predict(params, x, layers)`` is your own, ``params`` are trained weights, ``layers``
    has ``conv_forward`` and ``max_pool_forward``. The maps are what these two are given and return
    while your code runs. ``data`` are digits of the size that the network was trained on, by
    default MNIST's 28×28; one of them is there to begin with.

    You draw on a grid that is half as fine as the pictures (as fine, for 8×8). Each cell is a
    button; the field beside it holds the same drawing as text, ``#`` for ink, and may be
    edited instead.
    """
    return DrawDigit(convnet_predict, params, layers, datasets.mnist() if data is None else data)


class DrawDigit(Thing):
    """See :func:`draw_digit`."""

    def __init__(
        self,
        convnet_predict: Callable[..., Any],
        params: Mapping[str, Any],
        layers: Any,
        data: datasets.Split,
    ) -> None:
        self._predict, self._params, self._layers, self._data = (
            convnet_predict,
            params,
            layers,
            data,
        )
        self._size = data.x_test.shape[-1]
        self._fine = 2 if self._size >= 16 else 1
        self._side = self._size // self._fine
        self._next = 0
        self._image = np.zeros((self._size, self._size))
        self._source = ""
        self.text = made(
            "Textarea", "The drawing as text", value="", rows=self._side,
            layout={"width": f"{self._side + 16}em"}, style={"description_width": "initial"},
        )  # fmt: skip
        self.clear = button("Clear", "Makes all cells empty")
        self.digit = button(
            "Digit from the data", "Puts the next digit of the data set on the grid"
        )
        self.clear.on_click(lambda _: self._write(""))
        self.digit.on_click(lambda _: self._take_another())
        self.grid = self._buttons()
        self._take()
        super().__init__((self.digit, self.clear), *self.grid, (self.text,))

    def _buttons(self) -> list[list[Any]]:
        widgets = library()
        shared: dict[str, Any] = {}
        if widgets is not None:  # one layout for all of them: 196 are slow to send
            layout = widgets.Layout(width="24px", height="24px", margin="0", padding="0")
            shared = {"layout": layout}
        return [
            [
                made("ToggleButton", "", value=False, tooltip=_tip(row, column, False), **shared)
                for column in range(self._side)
            ]
            for row in range(self._side)
        ]

    def _take(self) -> None:
        """Put the next image of the data on the grid, and show the network the image itself."""
        image = self._data.x_test[self._next % len(self._data.x_test), 0].astype(float)
        label = int(self._data.y_test[self._next % len(self._data.y_test)])
        self._next += 1
        coarse = image.reshape(self._side, self._fine, self._side, self._fine).mean(axis=(1, 3))
        self._image, self._source = image, f"a digit of the data set, a {label}"
        self._ink = coarse > 0.35
        self._spread()

    def _write(self, text: str) -> None:
        with self.together():
            self.text.value = text

    def _take_another(self) -> None:
        with self.together():
            self._take()

    def settle(self) -> None:
        """Whichever of text and buttons has changed decides about the other."""
        text = _read(self.text.value, self._side)
        grid = np.array([[cell.value for cell in line] for line in self.grid])
        ink = text if (text != self._ink).any() else grid
        if (ink != self._ink).any():
            self._ink, self._source = ink, "your drawing"
            self._image = _thick(np.kron(ink.astype(float), np.ones((self._fine, self._fine))))
        self._spread()

    def _spread(self) -> None:
        lines = ("".join("#" if ink else "." for ink in line) for line in self._ink)
        self.text.value = "\n".join(lines)
        for (row, column), ink in np.ndenumerate(self._ink):
            cell = self.grid[row][column]
            if cell.value != ink or bool(cell.description) != ink:
                cell.value = bool(ink)
                cell.description = "■" if ink else ""
                cell.tooltip = _tip(row, column, bool(ink))

    def draw(self) -> Scene:
        kept: list[tuple[str, Array]] = []
        dtype = next(iter(self._params.values())).dtype if self._params else float
        x = self._image[None, None].astype(dtype)
        watched = SimpleNamespace(**{name: getattr(self._layers, name) for name in _NAMES})
        watched.conv_forward = _recording(self._layers.conv_forward, "convolution", kept)
        watched.max_pool_forward = _recording(self._layers.max_pool_forward, "ReLU, pooling", kept)
        result = ask(self._predict, self._params, x, watched)
        try:
            said = int(np.asarray(result).reshape(-1)[0])
        except (TypeError, ValueError, IndexError):
            raise NothingYet(
                "There is nothing to see here yet, because convnet_predict returned no class."
            ) from None
        return Scene(
            self._picture(kept, said),
            f"The picture that the network sees, {self._source}, "
            f"{counted(int(self._ink.sum()), 'cell')} of ink, and in a row for each layer up to "
            f"{MAPS} of its feature maps in grey: "
            + ", ".join(f"{name} {maps.shape[1]} by {maps.shape[2]}" for name, maps in kept)
            + ".",
            f"Your network reads a {said} in {self._source}.\n"
            + "\n".join(_summary(name, maps) for name, maps in kept),
        )

    def _picture(self, kept: list[tuple[str, Array]], said: int) -> bytes:
        figure = new_figure(9.2, 1.0 + 1.15 * max(len(kept), 1))
        engine = figure.get_layout_engine()
        assert engine is not None
        engine.set(hspace=0.12)  # type: ignore[call-arg]
        parts: Any = figure.subfigures(1, 2, width_ratios=(2, 8))
        ax = parts[0].subplots()
        ax.imshow(self._image, cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"the network reads: {said}", fontsize=12, y=1.0)
        if kept:
            axes = parts[1].subplots(len(kept), MAPS, squeeze=False)
            for line, (name, maps) in zip(axes, kept, strict=True):
                bound = max(float(np.abs(maps).max()), 1e-9)
                for number, place in enumerate(line):
                    place.set(xticks=[], yticks=[])
                    if number < len(maps):
                        low = -bound if maps.min() < 0 else 0
                        place.imshow(maps[number], cmap="gray", vmin=low, vmax=bound)
                    else:
                        place.axis("off")
                title = f"{name}: {len(maps)} maps, {maps.shape[1]}×{maps.shape[2]}"
                line[0].text(
                    0, 1.08, title, fontsize=10, transform=line[0].transAxes
                ).set_in_layout(False)
        return png(figure)


_NAMES = ("conv_forward", "conv_backward", "max_pool_forward", "max_pool_backward")


def _recording(
    function: Callable[..., Any], name: str, kept: list[tuple[str, Array]]
) -> Callable[..., Any]:
    """``function``, which also notes the maps that it returns for the first image."""

    def watched(*arguments: Any, **named: Any) -> Any:
        result = function(*arguments, **named)
        maps = np.asarray(result[0])
        if maps.ndim == 4 and maps.size:
            number = sum(known.startswith(name) for known, _ in kept) + 1
            kept.append((f"{name} {number}", maps[0].astype(float)))
        return result

    return watched


def _summary(name: str, maps: Array) -> str:
    strength = np.abs(maps).mean(axis=(1, 2))
    most = int(strength.argmax())
    return (
        f"{name}: {len(maps)} maps of {maps.shape[1]}×{maps.shape[2]}; map {most} answers most "
        f"strongly, {np.mean(strength > 0.05 * strength.max()):.0%} of the maps answer at all."
    )


def _tip(row: int, column: int, ink: bool) -> str:
    return f"row {row}, column {column}: {'ink' if ink else 'empty'}"


def _read(text: str, side: int) -> Array:
    """The drawing that a text stands for: ``#`` is ink; what is missing is empty."""
    lines = [line.ljust(side, ".")[:side] for line in text.splitlines()[:side]]
    lines += ["." * side] * (side - len(lines))
    return np.array([[character == "#" for character in line] for line in lines])


def _thick(image: Array) -> Array:
    """Soft edges, as a pen leaves them: half the pixel, half the mean of its four neighbours."""
    padded = np.pad(image, 1)
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    soft: Array = np.clip(0.55 * image + 0.2 * around, 0, 1)
    return soft
