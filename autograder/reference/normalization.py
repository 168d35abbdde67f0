"""Trusted operators of the assignment ``normalization``.

All of them subtract a mean, divide by ``sqrt(variance + eps)``, multiply by ``gamma`` and add
``beta``; they differ in which values share a mean and a variance. Variances are biased: the mean of
the squared deviations. A forward pass returns ``out`` alone, without a cache; batch norm, which has
a state, returns ``(out, running_mean, running_var)``. A backward pass takes ``dout`` and the
arguments of its forward pass. No operator changes its arguments, the state in ``bn_param``
included. A result has the dtype that NumPy's promotion gives the arrays that went in, so
``float32`` in gives ``float32`` out.

Formulas: S. Ioffe and C. Szegedy, "Batch Normalization" (arXiv:1502.03167); J. L. Ba, J. R. Kiros
and G. E. Hinton, "Layer Normalization" (arXiv:1607.06450); D. Ulyanov, A. Vedaldi and V. Lempitsky,
"Instance Normalization" (arXiv:1607.08022); Y. Wu and K. He, "Group Normalization"
(arXiv:1803.08494). The gradients follow from the definition by the chain rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = [
    "EPS",
    "MOMENTUM",
    "OPERATORS",
    "batchnorm_backward",
    "batchnorm_forward",
    "fold_batchnorm",
    "identity_scale_shift",
    "instancenorm_backward",
    "instancenorm_forward",
    "layernorm_backward",
    "layernorm_forward",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
    "spatial_groupnorm_backward",
    "spatial_groupnorm_forward",
]

Array = np.ndarray[Any, np.dtype[Any]]
Param = Mapping[str, Any]
Axes = tuple[int, ...]
WithState = tuple[Array, Array, Array]
Gradients = tuple[Array, Array, Array]

EPS = 1e-5
"""``eps`` where the dictionary of parameters does not give one."""

MOMENTUM = 0.9
"""``momentum`` where ``bn_param`` does not give one."""


def batchnorm_forward(x: Array, gamma: Array, beta: Array, bn_param: Param) -> WithState:
    """Batch norm of ``x`` ``(N, D)``: each feature is normalized over the batch.

    ``gamma`` and ``beta`` are ``(D,)``. ``bn_param`` holds ``mode``, ``"train"`` or ``"test"``, and
    may hold ``eps`` (default 1e-5), ``momentum`` (default 0.9), ``running_mean`` and
    ``running_var``, both ``(D,)`` (default: zeros). In train mode mean and variance are those of
    the batch, and each running value becomes ``momentum · running + (1 − momentum) · batch``; in
    test mode the running values are used, and stay. Source: Ioffe and Szegedy, algorithms 1 and 2;
    unlike theirs, the running variance is an average of the biased batch variances.

    Returns ``(out, running_mean, running_var)``, ``out`` of the shape of ``x``, the other two as
    they are after the call. Raises ``ValueError`` for any other mode, and where the shapes do not
    belong together.
    """
    if x.ndim != 2:
        raise ValueError(f"x must be (N, D), got the shape {x.shape}")
    return _with_state(x, gamma, beta, bn_param, (0,))


def batchnorm_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, bn_param: Param
) -> Gradients:
    """Gradients of :func:`batchnorm_forward` in train mode: ``dx``, ``dgamma``, ``dbeta``.

    ``dout`` is ``(N, D)``. With ``x̂`` the normalized input, ``s = sqrt(variance + eps)`` and
    ``g = gamma · dout``: ``dbeta = Σ_n dout``, ``dgamma = Σ_n dout · x̂`` and
    ``dx = (g − mean_n(g) − x̂ · mean_n(g · x̂)) / s``. The running values get no gradient.

    Raises ``ValueError`` in test mode, and as :func:`batchnorm_forward` does.
    """
    if x.ndim != 2:
        raise ValueError(f"x must be (N, D), got the shape {x.shape}")
    return _with_state_backward(dout, x, gamma, beta, bn_param, (0,))


def spatial_batchnorm_forward(x: Array, gamma: Array, beta: Array, bn_param: Param) -> WithState:
    """Batch norm of images ``x`` ``(N, C, H, W)``: each channel over batch, rows and columns.

    ``gamma``, ``beta`` and the running values are ``(C,)``. Everything else is as in
    :func:`batchnorm_forward`. Source: Ioffe and Szegedy, section 3.2.
    """
    _check_images(x)
    return _with_state(x, gamma, beta, bn_param, (0, 2, 3))


def spatial_batchnorm_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, bn_param: Param
) -> Gradients:
    """Gradients of :func:`spatial_batchnorm_forward` in train mode: ``dx``, ``dgamma``, ``dbeta``.

    Formulas and errors as in :func:`batchnorm_backward`, with sums and means over batch, rows and
    columns; ``dgamma`` and ``dbeta`` are ``(C,)``.
    """
    _check_images(x)
    return _with_state_backward(dout, x, gamma, beta, bn_param, (0, 2, 3))


def identity_scale_shift(x: Array, eps: float) -> tuple[Array, Array]:
    """The ``gamma`` and ``beta``, each ``(D,)``, with which train-mode batch norm gives ``x`` back.

    ``x`` is ``(N, D)``. ``gamma = sqrt(variance + eps)`` and ``beta = mean``, over the batch.
    Source: Ioffe and Szegedy, section 3. Raises ``ValueError`` where ``x`` has not two axes.
    """
    if x.ndim != 2:
        raise ValueError(f"x must be (N, D), got the shape {x.shape}")
    return np.sqrt(x.var(axis=0) + eps), x.mean(axis=0)


def fold_batchnorm(
    w: Array,
    b: Array,
    gamma: Array,
    beta: Array,
    running_mean: Array,
    running_var: Array,
    eps: float,
) -> tuple[Array, Array]:
    """The layer ``(w, b)`` that does what a layer and then test-mode batch norm do.

    ``w`` is ``(F, C, HH, WW)`` of a convolution, or ``(D, M)`` of a fully connected layer
    ``x @ w + b``; ``b`` and all that belongs to batch norm are ``(F,)``, or ``(M,)``. With
    ``s = gamma / sqrt(running_var + eps)``: the weights of an output times its ``s``, and
    ``(b − running_mean) · s + beta``. Source: the test-mode formula put around the layer's.

    Raises ``ValueError`` where the shapes do not belong together.
    """
    if w.ndim not in (2, 4):
        raise ValueError(f"w must be (F, C, HH, WW) or (D, M), got the shape {w.shape}")
    outputs = w.shape[0] if w.ndim == 4 else w.shape[1]
    for name, value in (
        ("b", b),
        ("gamma", gamma),
        ("beta", beta),
        ("running_mean", running_mean),
        ("running_var", running_var),
    ):
        if value.shape != (outputs,):
            raise ValueError(f"{name} must be ({outputs},), got {value.shape}")
    scale = gamma / np.sqrt(running_var + eps)
    shaped = scale[:, None, None, None] if w.ndim == 4 else scale
    return w * shaped, (b - running_mean) * scale + beta


def layernorm_forward(x: Array, gamma: Array, beta: Array, ln_param: Param) -> Array:
    """Layer norm of ``x`` ``(N, D)``: each sample is normalized over its features.

    ``gamma`` and ``beta`` are ``(D,)``; ``ln_param`` may hold ``eps`` (default 1e-5). The same at
    train and test time. Source: Ba, Kiros and Hinton, equation 4. Returns ``out``, ``(N, D)``.

    Raises ``ValueError`` where the shapes do not belong together.
    """
    _check_rows(x, gamma, beta)
    normalized, _ = _normalized(x, (1,), ln_param)
    return gamma * normalized + beta


def layernorm_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, ln_param: Param
) -> Gradients:
    """Gradients of :func:`layernorm_forward`: ``dx``, ``dgamma``, ``dbeta``.

    As in :func:`batchnorm_backward`, with the means in ``dx`` over the features of a sample;
    ``dgamma`` and ``dbeta`` are still sums over the batch.
    """
    _check_rows(x, gamma, beta)
    return _gradients(dout, x, gamma, (1,), ln_param)


def instancenorm_forward(x: Array, gamma: Array, beta: Array, in_param: Param) -> Array:
    """Instance norm of ``x`` ``(N, C, H, W)``: each channel of each sample over rows and columns.

    ``gamma`` and ``beta`` are ``(1, C, 1, 1)``; ``in_param`` may hold ``eps`` (default 1e-5).
    Source: Ulyanov, Vedaldi and Lempitsky, equation 3. Returns ``out`` of the shape of ``x``.

    Raises ``ValueError`` where the shapes do not belong together.
    """
    _check_planes(x, gamma, beta)
    normalized, _ = _normalized(x, (2, 3), in_param)
    return gamma * normalized + beta


def instancenorm_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, in_param: Param
) -> Gradients:
    """Gradients of :func:`instancenorm_forward`: ``dx``, ``dgamma``, ``dbeta``.

    As in :func:`batchnorm_backward`, with the means in ``dx`` over rows and columns; ``dgamma`` and
    ``dbeta`` are sums over batch, rows and columns, ``(1, C, 1, 1)``.
    """
    _check_planes(x, gamma, beta)
    return _gradients(dout, x, gamma, (2, 3), in_param)


def spatial_groupnorm_forward(
    x: Array, gamma: Array, beta: Array, G: int, gn_param: Param
) -> Array:
    """Group norm of ``x`` ``(N, C, H, W)``: ``G`` groups of neighbouring channels in each sample.

    The first ``C / G`` channels are the first group, and so on; a group is normalized over its
    channels, rows and columns. ``gamma`` and ``beta`` are ``(1, C, 1, 1)``; ``gn_param`` may hold
    ``eps`` (default 1e-5). Source: Wu and He, equation 7. Returns ``out`` of the shape of ``x``.

    Raises ``ValueError`` where ``G`` does not divide ``C``, and where the shapes do not belong
    together.
    """
    groups = _groups(x, gamma, beta, G)
    normalized, _ = _normalized(groups, (2, 3, 4), gn_param)
    return gamma * normalized.reshape(x.shape) + beta


def spatial_groupnorm_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, G: int, gn_param: Param
) -> Gradients:
    """Gradients of :func:`spatial_groupnorm_forward`: ``dx``, ``dgamma``, ``dbeta``.

    As in :func:`batchnorm_backward`, with the means in ``dx`` over a group; ``dgamma`` and
    ``dbeta`` are sums over batch, rows and columns, ``(1, C, 1, 1)``.
    """
    groups = _groups(x, gamma, beta, G)
    _check_dout(dout, x)
    normalized, deviation = _normalized(groups, (2, 3, 4), gn_param)
    scaled = (gamma * dout).reshape(groups.shape)
    dx = _through(scaled, normalized, deviation, (2, 3, 4)).reshape(x.shape)
    products = dout * normalized.reshape(x.shape)
    return dx, _sum_like(products, gamma), _sum_like(dout, gamma)


def _normalized(x: Array, axes: Axes, param: Param) -> tuple[Array, Array]:
    """``x`` with mean 0 and variance about 1 over ``axes``, and what it was divided by."""
    deviation = np.sqrt(x.var(axis=axes, keepdims=True) + param.get("eps", EPS))
    return (x - x.mean(axis=axes, keepdims=True)) / deviation, deviation


def _through(dnormalized: Array, normalized: Array, deviation: Array, axes: Axes) -> Array:
    """The gradient of a normalization's input, from that of its output."""
    mean = dnormalized.mean(axis=axes, keepdims=True)
    along = (dnormalized * normalized).mean(axis=axes, keepdims=True)
    return np.asarray((dnormalized - mean - normalized * along) / deviation)


def _gradients(dout: Array, x: Array, gamma: Array, axes: Axes, param: Param) -> Gradients:
    _check_dout(dout, x)
    normalized, deviation = _normalized(x, axes, param)
    dx = _through(gamma * dout, normalized, deviation, axes)
    return dx, _sum_like(dout * normalized, gamma), _sum_like(dout, gamma)


def _sum_like(values: Array, parameter: Array) -> Array:
    """The sum of ``values`` over the axes along which ``parameter`` is the same."""
    shape = (1,) * (values.ndim - parameter.ndim) + parameter.shape
    axes = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return np.asarray(values.sum(axis=axes, keepdims=True).reshape(parameter.shape))


def _with_state(x: Array, gamma: Array, beta: Array, bn_param: Param, axes: Axes) -> WithState:
    columns = _check_features(x, gamma, beta)
    momentum = bn_param.get("momentum", MOMENTUM)
    zeros = np.zeros(x.shape[1], x.dtype)
    running_mean = np.array(bn_param.get("running_mean", zeros))
    running_var = np.array(bn_param.get("running_var", zeros))
    if bn_param["mode"] == "train":
        normalized, _ = _normalized(x, axes, bn_param)
        running_mean = momentum * running_mean + (1 - momentum) * x.mean(axis=axes)
        running_var = momentum * running_var + (1 - momentum) * x.var(axis=axes)
    elif bn_param["mode"] == "test":
        deviation = np.sqrt(running_var + bn_param.get("eps", EPS))
        normalized = (x - running_mean.reshape(columns)) / deviation.reshape(columns)
    else:
        raise ValueError(f"mode must be 'train' or 'test', got {bn_param['mode']!r}")
    out = gamma.reshape(columns) * normalized + beta.reshape(columns)
    return out, running_mean, running_var


def _with_state_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, bn_param: Param, axes: Axes
) -> Gradients:
    columns = _check_features(x, gamma, beta)
    if bn_param["mode"] != "train":
        raise ValueError(f"gradients are those of train mode, got the mode {bn_param['mode']!r}")
    dx, dgamma, dbeta = _gradients(dout, x, gamma.reshape(columns), axes, bn_param)
    return dx, dgamma.reshape(gamma.shape), dbeta.reshape(beta.shape)


def _check_images(x: Array) -> None:
    if x.ndim != 4:
        raise ValueError(f"x must be (N, C, H, W), got the shape {x.shape}")


def _check_features(x: Array, gamma: Array, beta: Array) -> tuple[int, ...]:
    """The shape that lays one value for each feature (axis 1) along ``x``."""
    features = x.shape[1]
    for name, value in (("gamma", gamma), ("beta", beta)):
        if value.shape != (features,):
            raise ValueError(f"{name} must be ({features},), got {value.shape}")
    return (1, features) + (1,) * (x.ndim - 2)


def _check_rows(x: Array, gamma: Array, beta: Array) -> None:
    if x.ndim != 2:
        raise ValueError(f"x must be (N, D), got the shape {x.shape}")
    _check_features(x, gamma, beta)


def _check_planes(x: Array, gamma: Array, beta: Array) -> None:
    _check_images(x)
    expected = (1, x.shape[1], 1, 1)
    for name, value in (("gamma", gamma), ("beta", beta)):
        if value.shape != expected:
            raise ValueError(f"{name} must be {expected}, got {value.shape}")


def _groups(x: Array, gamma: Array, beta: Array, G: int) -> Array:
    """``x`` with its channels in groups: ``(N, G, C / G, H, W)``."""
    _check_planes(x, gamma, beta)
    n, channels, height, width = x.shape
    if G < 1 or channels % G:
        raise ValueError(f"{channels} channels do not make {G} groups of equal size")
    return x.reshape(n, G, channels // G, height, width)


def _check_dout(dout: Array, x: Array) -> None:
    if dout.shape != x.shape:
        raise ValueError(f"dout must have the shape of out, {x.shape}, got {dout.shape}")


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "batchnorm_forward": batchnorm_forward,
    "batchnorm_backward": batchnorm_backward,
    "identity_scale_shift": identity_scale_shift,
    "fold_batchnorm": fold_batchnorm,
    "spatial_batchnorm_forward": spatial_batchnorm_forward,
    "spatial_batchnorm_backward": spatial_batchnorm_backward,
    "layernorm_forward": layernorm_forward,
    "layernorm_backward": layernorm_backward,
    "instancenorm_forward": instancenorm_forward,
    "instancenorm_backward": instancenorm_backward,
    "spatial_groupnorm_forward": spatial_groupnorm_forward,
    "spatial_groupnorm_backward": spatial_groupnorm_backward,
}
