"""Convolution over images at the speed of matrix products, in bounded memory.

The same numbers as ``convolution.py``, which is the definition, but for rounding. What to read
first is there; this is how it becomes several times as fast for large arrays.

**Forward.** ``im2col`` copies every pixel once for each weight that meets it, ``HH · WW`` times, to
make one matrix product of the layer. A third of that will do. A *strip* holds some rows of the
padded images, ``WW`` times, each time moved by one pixel, and without what no window sees: position
``j`` of copy ``q`` is the pixel that weight ``q`` meets in window ``j``. In memory one row follows
the other, so the pixels that the *next* row of weights meets begin one row further on, in the same
memory: moving the window down is moving the beginning of a view, and costs nothing. The layer is
then ``HH`` products ``(F, C · WW) @ (C · WW, pixels)``, added up. With a stride ``s``, rows ``0, s,
2s, …`` are kept together, then rows ``1, s + 1, …``, so that rows which follow each other in the
output do in the strip, too. The bias is one more weight, of a row of ones.

**Backward.** The gradient of the weights sums over pixels. It takes the strip turned round,
channels last, so that its products ``(F, pixels) @ (pixels, WW · C)`` need no factor transposed.
The gradient of the input is a forward pass itself at stride 1: of ``dout``, with the kernel turned
round and filters and channels exchanged. For other strides the products come first and are then
added to where they belong (``col2im``).

Source: K. Chellapilla, S. Puri and P. Simard, "High performance convolutional neural networks for
document processing" (2006), for im2col; M. Cho and D. Brand, "MEC: memory-efficient convolution for
deep neural network" (arXiv:1706.06873), for products on overlapping views of fewer copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from .blocks import blocks

__all__ = [
    "FEWEST",
    "PIXELS",
    "WORTH",
    "backward",
    "forward",
    "input_gradient",
    "pays",
    "weight_gradient",
]

Array = np.ndarray[Any, np.dtype[Any]]
Pair = tuple[int, int]

PIXELS = 1024
"""Output pixels of one product: enough for BLAS, and a strip of 32 channels stays in the cache."""

GAP = 16
"""Numbers between the lines of a strip. Lines that lie a power of two apart share a few places in
the cache and push each other out."""

FEWEST = 256
"""Output pixels of all images from which this is faster. With fewer, most of the time goes into
reading the weights, and one product reads them once."""

WORTH = 1 << 22
"""Multiplications from which layers come here. It bounds the memory that ``convolution.py`` takes
for the others, and keeps what values are graded with where the definition is."""


def pays(x: Array, w: Array, stride: int, pad: int) -> bool:
    """Whether a layer has the shape for this module; arguments as in :func:`forward`."""
    height, width = _size(x.shape, w.shape, stride, pad)
    pixels = len(x) * height * width
    return pixels >= FEWEST and pixels * w.size >= WORTH


def forward(x: Array, w: Array, b: Array, stride: int, pad: int) -> Array:
    """The layer's ``out``, ``(N, F, H', W')``.

    ``x`` is ``(N, C, H, W)``, ``w`` ``(F, C, HH, WW)``, ``b`` ``(F,)``; that the shapes belong
    together was checked by ``convolution.conv_forward``.
    """
    return _forward(x, w, b, stride, (pad, pad), _size(x.shape, w.shape, stride, pad))


def backward(dout: Array, x: Array, w: Array, stride: int, pad: int) -> tuple[Array, Array, Array]:
    """``dx``, ``dw``, ``db`` of :func:`forward`, given ``dout`` of the shape of its result."""
    return (
        input_gradient(dout, x, w, stride, pad),
        weight_gradient(dout, x, w, stride, pad),
        dout.sum(axis=(0, 2, 3)),
    )


def input_gradient(dout: Array, x: Array, w: Array, stride: int, pad: int) -> Array:
    """``dx`` of :func:`backward`; of ``x`` it needs the shape only."""
    if stride > 1:
        return _col2im(dout, x, w, stride, pad)
    turned = w[:, :, ::-1, ::-1].swapaxes(0, 1)
    margin = w.shape[2] - 1 - pad, w.shape[3] - 1 - pad
    nothing = np.zeros(w.shape[1], w.dtype)
    return _forward(dout, turned, nothing, 1, margin, (x.shape[2], x.shape[3]))


def weight_gradient(dout: Array, x: Array, w: Array, stride: int, pad: int) -> Array:
    """``dw`` of :func:`backward`; of ``w`` it needs the shape only."""
    filters, channels, height, width = w.shape
    dw = np.zeros((height, filters, width * channels), np.result_type(dout, x))
    size = dout.shape[2], dout.shape[3]
    for images, rows, strip in _strips(x, (height, width), stride, (pad, pad), size, True):
        given = dout[images, :, rows].transpose(1, 2, 0, 3).reshape(filters, -1)
        for p in range(height):
            dw[p] += given @ strip.pixels(p)
    dw = dw.reshape(height, filters, width, channels)
    return np.ascontiguousarray(dw.transpose(1, 3, 0, 2))


def _size(x: tuple[int, ...], w: tuple[int, ...], stride: int, pad: int) -> Pair:
    height, width = ((n + 2 * pad - k) // stride + 1 for n, k in zip(x[2:], w[2:], strict=True))
    return height, width


def _parts(count: int, size: Pair) -> tuple[list[slice], list[slice]]:
    """Blocks of images and blocks of output rows that make about :data:`PIXELS` together."""
    height, width = size
    together = max(1, PIXELS // (height * width))
    rows = height if together > 1 else max(1, PIXELS // width)
    return blocks(count, together), blocks(height, rows)


def _forward(x: Array, w: Array, b: Array, stride: int, pad: Pair, size: Pair) -> Array:
    """As :func:`forward`, with the padding of rows and of columns, and ``(H', W')``."""
    out = np.empty((len(x), len(w), *size), np.result_type(x, w, b))
    first, *others = (w[:, :, p].reshape(len(w), -1) for p in range(w.shape[2]))
    first = np.concatenate([first, b[:, None]], axis=1)
    for images, rows, strip in _strips(x, (w.shape[2], w.shape[3]), stride, pad, size):
        total = first @ strip.pixels(0, bias=True)
        for p, weights in enumerate(others, 1):
            total += weights @ strip.pixels(p)
        target = out[images, :, rows].transpose(1, 2, 0, 3)
        target[...] = total.reshape(target.shape)
    return out


class _Strip:
    """Some rows of some padded images, as the text of this module says.

    ``rows`` are rows of the output, and ``width`` is ``W'``. With ``channels_last`` the strip lies
    the other way round in memory, and its views with it.
    """

    def __init__(
        self,
        x: Array,
        kernel: Pair,
        stride: int,
        pad: Pair,
        rows: slice,
        width: int,
        channels_last: bool = False,
    ) -> None:
        count, channels, height, columns = x.shape
        phases = min(stride, kernel[0])
        self.count, self.stride, self.channels_last = count, stride, channels_last
        self.row = count * width
        self.rows = rows.stop - rows.start
        self.height = self.rows + (kernel[0] - 1) // stride
        # A line for each channel and column of the kernel, and one for the bias.
        lines, numbers = channels * kernel[1], phases * self.height * self.row
        shape = phases, self.height, count, width
        if channels_last:
            self.lines = np.zeros((numbers, lines), x.dtype)
            strip = self.lines.reshape(*shape, kernel[1], channels).transpose(5, 4, 0, 1, 2, 3)
        else:
            self.lines = np.zeros((lines + 1, numbers + GAP), x.dtype)
            self.lines[-1] = 1
            strip = self.lines[:-1, :numbers].reshape(channels, kernel[1], *shape, copy=False)
        self.copies = []
        for phase in range(phases):
            start = rows.start * stride + phase - pad[0]
            to_rows, from_rows = _inside(height, start, stride, self.height)
            parts = []
            for q in range(kernel[1]):
                to_columns, from_columns = _inside(columns, q - pad[1], stride, width)
                target = strip[:, q, phase, to_rows, :, to_columns].transpose(2, 0, 1, 3)
                parts.append((target, from_columns))
            self.copies.append((from_rows, parts))

    def fill(self, x: Array) -> None:
        """Copy images in. What lies outside of them is zero and stays so."""
        for rows, parts in self.copies:
            part = x[:, :, rows]
            if self.channels_last:
                # Turned round once, and not with every copy.
                part = np.ascontiguousarray(part.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
            for target, columns in parts:
                target[...] = part[..., columns]

    def pixels(self, p: int, bias: bool = False) -> Array:
        """A view: what row ``p`` of a kernel meets, ``(C · WW, rows · images · W')``, turned round
        with channels last; with ``bias`` one more line, of ones."""
        start = (p % self.stride * self.height + p // self.stride) * self.row
        place = slice(start, start + self.rows * self.row)
        if self.channels_last:
            return self.lines[place]
        return self.lines[: None if bias else -1, place]


def _strips(
    x: Array, kernel: Pair, stride: int, pad: Pair, size: Pair, channels_last: bool = False
) -> Iterator[tuple[slice, slice, _Strip]]:
    """Blocks of images and of output rows, and the strip of each."""
    batch, bands = _parts(len(x), size)
    for rows in bands:
        strip = None
        for images in batch:
            block = x[images]
            if strip is None or strip.count != len(block):
                strip = _Strip(block, kernel, stride, pad, rows, size[1], channels_last)
            strip.fill(block)
            yield images, rows, strip


def _inside(size: int, start: int, step: int, count: int) -> tuple[slice, slice]:
    """Of the positions ``start, start + step, …``, ``count`` of them: the numbers of those that are
    in ``range(size)``, and these positions themselves."""
    first = min(count, max(0, -(start // step)))
    last = max(first, min(count, -((start - size) // step)))
    return slice(first, last), slice(start + first * step, start + last * step, step)


def _col2im(dout: Array, x: Array, w: Array, stride: int, pad: int) -> Array:
    filters, channels, height, width = w.shape
    dx = np.empty(x.shape, np.result_type(dout, w))
    columns = dout.shape[3]
    turned = np.ascontiguousarray(w.reshape(filters, -1).T)
    batch, bands = _parts(len(x), (dout.shape[2], columns))
    for images in batch:
        count = images.stop - images.start
        padded = np.zeros((channels, count, x.shape[2] + 2 * pad, x.shape[3] + 2 * pad), dx.dtype)
        for rows in bands:
            given = dout[images, :, rows].swapaxes(0, 1)
            parts = turned @ given.reshape(filters, -1)
            parts = parts.reshape(channels, height, width, *given.shape[1:])
            for p, q in product(range(height), range(width)):
                padded[
                    :,
                    :,
                    p + stride * rows.start : p + stride * rows.stop : stride,
                    q : q + stride * columns : stride,
                ] += parts[:, p, q]
        dx[images] = padded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]].swapaxes(0, 1)
    return dx
