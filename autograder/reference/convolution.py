"""Trusted operators of the assignment ``convolution``.

Every operator returns what the task of its name returns, but a forward pass returns ``out`` alone,
without a cache. "Convolution" means cross-correlation, as in every deep learning library: the
kernel is not flipped. No operator changes its arguments. A result has the dtype that NumPy's
promotion gives the arrays that went in, so ``float32`` in gives ``float32`` out.

Formulas: V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning"
(arXiv:1603.07285), for sizes; A. Araujo, W. Norris and J. Sim, "Computing receptive fields of
convolutional neural networks" (Distill, 2019), for receptive fields; the gradients follow from the
definition by the chain rule.

What is written here is the definition, in as few steps as it takes. It needs ``C · HH · WW``
numbers for each output pixel, so large layers over images are left to ``strips.py``, which gives
the same up to rounding. The layers with which values are graded are small: they are computed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import strips

__all__ = [
    "OPERATORS",
    "compose_convs",
    "conv1d_forward",
    "conv1x1_forward",
    "conv3d_forward",
    "conv_backward",
    "conv_cost",
    "conv_forward",
    "conv_output_size",
    "receptive_field",
    "same_padding",
]

Array = np.ndarray[Any, np.dtype[Any]]


def conv_output_size(size: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    """Length of the output along one axis: ``(size + 2 pad − kernel) / stride + 1``.

    ``size`` and ``kernel`` count pixels, ``pad`` the zeros added on each of the two sides.
    Source: Dumoulin and Visin, relationship 6, without the floor.

    Raises ``ValueError`` where the kernel is larger than the padded input, where the last window
    would stick out (the division leaves a remainder), and where ``size``, ``kernel`` or
    ``stride`` is below 1 or ``pad`` below 0.
    """
    if size < 1 or kernel < 1 or stride < 1 or pad < 0:
        raise ValueError(
            f"size, kernel and stride must be at least 1 and pad at least 0, "
            f"got size={size}, kernel={kernel}, stride={stride}, pad={pad}"
        )
    room = size + 2 * pad - kernel
    if room < 0:
        raise ValueError(f"a kernel of {kernel} does not fit into {size} + 2·{pad} pixels")
    if room % stride:
        raise ValueError(
            f"a kernel of {kernel} moving by {stride} does not end at the border of "
            f"{size} + 2·{pad} pixels"
        )
    return int(room // stride + 1)


def same_padding(kernel: int) -> int:
    """Padding that keeps the size at stride 1: ``(kernel − 1) / 2``.

    Source: :func:`conv_output_size` solved for ``pad`` with the output as large as the input.
    Raises ``ValueError`` for even kernels, which would need half a pixel, and below 1.
    """
    if kernel < 1 or kernel % 2 == 0:
        raise ValueError(f"no padding keeps the size with a kernel of {kernel}: it must be odd")
    return int((kernel - 1) // 2)


def conv_cost(
    in_shape: Sequence[int], num_filters: int, kernel: int, stride: int = 1, pad: int = 0
) -> tuple[tuple[int, int, int], int, int]:
    """Output shape, number of parameters and of multiply-adds of one convolution layer.

    ``in_shape`` is ``(C, H, W)``, the kernel ``kernel × kernel``. Returns
    ``((F, H', W'), params, multiply_adds)`` with ``params = F (C K² + 1)``, one bias a filter, and
    ``multiply_adds = F H' W' · C K²``, one for each output value and weight of its filter; adding
    the bias is not counted.

    Raises ``ValueError`` where the filter does not fit (:func:`conv_output_size`), where
    ``in_shape`` has not three entries, and where the channels or filters are fewer than 1.
    """
    if len(in_shape) != 3:
        raise ValueError(f"in_shape must be (C, H, W), got {tuple(in_shape)}")
    channels, height, width = in_shape
    if channels < 1 or num_filters < 1:
        raise ValueError(f"need at least one channel and one filter, got {channels}, {num_filters}")
    out_height = conv_output_size(height, kernel, stride, pad)
    out_width = conv_output_size(width, kernel, stride, pad)
    weights = int(channels) * int(kernel) ** 2
    filters = int(num_filters)
    return (
        (filters, out_height, out_width),
        filters * (weights + 1),
        filters * out_height * out_width * weights,
    )


def receptive_field(layers: Sequence[tuple[int, int]]) -> int:
    """Number of input pixels along one axis that one output value depends on.

    ``layers`` lists ``(kernel, stride)`` from the input on. ``r = 1 + Σ_l (k_l − 1) Π_{i<l} s_i``:
    a layer widens the field by ``k − 1`` of its own pixels, and its pixels lie as far apart as the
    strides before it say. Source: Araujo et al., equation 2. No layers give 1. Gaps that appear
    where a stride exceeds its kernel count as seen.

    Raises ``ValueError`` where a kernel or a stride is below 1.
    """
    field, jump = 1, 1
    for kernel, stride in layers:
        if kernel < 1 or stride < 1:
            raise ValueError(f"kernel and stride must be at least 1, got {(kernel, stride)}")
        field += (int(kernel) - 1) * jump
        jump *= int(stride)
    return field


def conv_forward(x: Array, w: Array, b: Array, conv_param: Mapping[str, int]) -> Array:
    """Convolution layer over images.

    ``x`` is ``(N, C, H, W)``, ``w`` is ``(F, C, HH, WW)``, ``b`` is ``(F,)``, ``conv_param`` holds
    ``stride`` and ``pad``. Returns ``out`` of shape ``(N, F, H', W')``:
    ``out[n, f, i, j] = b[f] + Σ_{c,p,q} x[n, c, i·stride + p − pad, j·stride + q − pad] ·
    w[f, c, p, q]``, where ``x`` is zero outside.

    Raises ``ValueError`` where the shapes do not belong together or the filter does not fit.
    """
    stride, pad = _check(x, w, b, conv_param, 2)
    if strips.pays(x, w, stride, pad):
        return strips.forward(x, w, b, stride, pad)
    return _forward(x, w, b, conv_param, 2)


def conv1d_forward(x: Array, w: Array, b: Array, conv_param: Mapping[str, int]) -> Array:
    """Convolution layer over sequences: ``x`` ``(N, C, L)``, ``w`` ``(F, C, K)``, ``b`` ``(F,)``.

    Returns ``out`` of shape ``(N, F, L')``. Formula and errors as in :func:`conv_forward`, with one
    axis instead of two.
    """
    return _forward(x, w, b, conv_param, 1)


def conv3d_forward(x: Array, w: Array, b: Array, conv_param: Mapping[str, int]) -> Array:
    """Convolution layer over volumes: ``x`` ``(N, C, D, H, W)``, ``w`` ``(F, C, KD, KH, KW)``.

    ``b`` is ``(F,)``; stride and padding are the same on all three axes. Returns ``out`` of shape
    ``(N, F, D', H', W')``. Formula and errors as in :func:`conv_forward`, with three axes.
    """
    return _forward(x, w, b, conv_param, 3)


def conv_backward(
    dout: Array, x: Array, w: Array, b: Array, conv_param: Mapping[str, int]
) -> tuple[Array, Array, Array]:
    """Gradients of :func:`conv_forward`: ``dx``, ``dw``, ``db``, each of its argument's shape.

    ``dout`` is ``(N, F, H', W')``. With ``X`` the padded input and ``s`` the stride,
    ``db[f] = Σ dout[n, f, i, j]``,
    ``dw[f, c, p, q] = Σ_{n,i,j} dout[n, f, i, j] X[n, c, s i + p, s j + q]``, and
    ``dX[n, c, u, v] = Σ dout[n, f, i, j] w[f, c, p, q]`` over all ``s i + p = u``, ``s j + q = v``;
    ``dx`` is ``dX`` without its border. Source: the chain rule on the formula of the forward pass.

    Raises ``ValueError`` as :func:`conv_forward` does, and where ``dout`` has not its shape.
    """
    stride, pad = _check(x, w, b, conv_param, 2)
    expected = (
        x.shape[0],
        w.shape[0],
        conv_output_size(x.shape[2], w.shape[2], stride, pad),
        conv_output_size(x.shape[3], w.shape[3], stride, pad),
    )
    if dout.shape != expected:
        raise ValueError(f"dout must have the shape of out, {expected}, got {dout.shape}")
    if strips.pays(x, w, stride, pad):
        return strips.backward(dout, x, w, stride, pad)
    windows = _windows(x, w.shape[2:], stride, pad)
    db = dout.sum(axis=(0, 2, 3))
    dw = np.tensordot(dout, windows, axes=((0, 2, 3), (0, 2, 3)))
    height, width = x.shape[2:]
    rows, columns = dout.shape[2:]
    dx = np.zeros((*x.shape[:2], height + 2 * pad, width + 2 * pad), np.result_type(dout, w))
    for p, q in product(*map(range, w.shape[2:])):
        part = np.tensordot(dout, w[:, :, p, q], axes=((1,), (0,)))
        dx[:, :, p : p + stride * rows : stride, q : q + stride * columns : stride] += (
            part.transpose(0, 3, 1, 2)
        )
    return dx[:, :, pad : pad + height, pad : pad + width].copy(), dw, db


def conv1x1_forward(x: Array, w: Array, b: Array) -> Array:
    """1×1 convolution: ``x`` ``(N, C, H, W)``, ``w`` ``(F, C)``, ``b`` ``(F,)`` → ``(N, F, H, W)``.

    ``out[n, f, i, j] = b[f] + Σ_c w[f, c] x[n, c, i, j]``: the same matrix at every position.

    Raises ``ValueError`` where the shapes do not belong together.
    """
    if w.ndim != 2:
        raise ValueError(f"w must be (F, C), got the shape {w.shape}")
    return conv_forward(x, w[:, :, None, None], b, {"stride": 1, "pad": 0})


def compose_convs(w1: Array, w2: Array) -> Array:
    """The one kernel that does what ``w1`` and then ``w2`` do, at stride 1 without padding.

    ``w1`` is ``(M, C, h1, w1)``, ``w2`` is ``(F, M, h2, w2)``; returns ``(F, C, h1 + h2 − 1,
    w1 + w2 − 1)`` with ``w[f, c, u, v] = Σ_m Σ_{p+r=u, q+s=v} w2[f, m, r, s] w1[m, c, p, q]``.
    Source: the formula of :func:`conv_forward` put into itself.

    Raises ``ValueError`` where the shapes do not belong together.
    """
    if w1.ndim != 4 or w2.ndim != 4 or w1.shape[0] != w2.shape[1]:
        raise ValueError(
            f"w1 must be (M, C, h1, w1) and w2 (F, M, h2, w2), got {w1.shape} and {w2.shape}"
        )
    height, width = w1.shape[2:]
    w = np.zeros(
        (
            w2.shape[0],
            w1.shape[1],
            height + w2.shape[2] - 1,
            width + w2.shape[3] - 1,
        ),
        np.result_type(w1, w2),
    )
    for r, s in product(*map(range, w2.shape[2:])):
        w[:, :, r : r + height, s : s + width] += np.tensordot(w2[:, :, r, s], w1, axes=1)
    return w


def _check(
    x: Array, w: Array, b: Array, conv_param: Mapping[str, int], axes: int
) -> tuple[int, int]:
    if x.ndim != axes + 2 or w.ndim != axes + 2:
        raise ValueError(f"x and w must have {axes + 2} axes, got {x.shape} and {w.shape}")
    if x.shape[1] != w.shape[1]:
        raise ValueError(f"x has {x.shape[1]} channels and the filters have {w.shape[1]}")
    if b.shape != (w.shape[0],):
        raise ValueError(f"b must have one value a filter, ({w.shape[0]},), got {b.shape}")
    stride, pad = int(conv_param["stride"]), int(conv_param["pad"])
    for size, kernel in zip(x.shape[2:], w.shape[2:], strict=True):
        conv_output_size(size, kernel, stride, pad)
    return stride, pad


def _windows(x: Array, kernel: tuple[int, ...], stride: int, pad: int) -> Array:
    """All windows of the padded ``x``: axes ``(N, C, positions..., kernel...)``, a view."""
    axes = tuple(range(2, x.ndim))
    padded = np.pad(x, ((0, 0), (0, 0), *(((pad, pad),) * len(axes))))
    steps = (slice(None), slice(None), *((slice(None, None, stride),) * len(axes)))
    return sliding_window_view(padded, kernel, axis=axes)[steps]


def _forward(x: Array, w: Array, b: Array, conv_param: Mapping[str, int], axes: int) -> Array:
    stride, pad = _check(x, w, b, conv_param, axes)
    windows = _windows(x, w.shape[2:], stride, pad)
    summed = (1, *range(2 + axes, 2 + 2 * axes))
    out = np.tensordot(windows, w, axes=(summed, (1, *range(2, 2 + axes)))) + b
    return np.ascontiguousarray(np.moveaxis(out, -1, 1))


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "conv_output_size": conv_output_size,
    "same_padding": same_padding,
    "conv_cost": conv_cost,
    "receptive_field": receptive_field,
    "conv_forward": conv_forward,
    "conv_backward": conv_backward,
    "conv1x1_forward": conv1x1_forward,
    "compose_convs": compose_convs,
    "conv1d_forward": conv1d_forward,
    "conv3d_forward": conv3d_forward,
}
