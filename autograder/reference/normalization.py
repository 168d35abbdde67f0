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

A *set* is the values that share a mean and a variance. Inside, every operator sees ``x`` with the
axes that number its sets first and the axes that number the values of a set last, ``gamma`` and
``beta`` with as many axes as that, and takes so many sets at a time as fit into a core's cache
(``blocks.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .blocks import images, sets

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
WithState = tuple[Array, Array, Array]
Gradients = tuple[Array, Array, Array]
Train = Callable[[Array, Array, Array, Param], tuple[Array, Array, Array]]

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
    return _with_state(x, gamma, beta, bn_param, _forward_columns)


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
    _check_backward(dout, x, gamma, beta, bn_param)
    return _backward_columns(dout, x, gamma, bn_param)


def spatial_batchnorm_forward(x: Array, gamma: Array, beta: Array, bn_param: Param) -> WithState:
    """Batch norm of images ``x`` ``(N, C, H, W)``: each channel over batch, rows and columns.

    ``gamma``, ``beta`` and the running values are ``(C,)``. Everything else is as in
    :func:`batchnorm_forward`. Source: Ioffe and Szegedy, section 3.2.
    """
    _check_images(x)
    return _with_state(x, gamma, beta, bn_param, _forward_channels)


def spatial_batchnorm_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, bn_param: Param
) -> Gradients:
    """Gradients of :func:`spatial_batchnorm_forward` in train mode: ``dx``, ``dgamma``, ``dbeta``.

    Formulas and errors as in :func:`batchnorm_backward`, with sums and means over batch, rows and
    columns; ``dgamma`` and ``dbeta`` are ``(C,)``.
    """
    _check_images(x)
    columns = _check_backward(dout, x, gamma, beta, bn_param)
    dx, dgamma, dbeta = _backward(
        dout.swapaxes(0, 1), x.swapaxes(0, 1), gamma.reshape(columns), 1, bn_param
    )
    return dx.swapaxes(0, 1), dgamma.reshape(gamma.shape), dbeta.reshape(gamma.shape)


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
    return _forward(x, gamma[None], beta[None], 1, ln_param)[0]


def layernorm_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, ln_param: Param
) -> Gradients:
    """Gradients of :func:`layernorm_forward`: ``dx``, ``dgamma``, ``dbeta``.

    As in :func:`batchnorm_backward`, with the means in ``dx`` over the features of a sample;
    ``dgamma`` and ``dbeta`` are still sums over the batch.
    """
    _check_rows(x, gamma, beta)
    dx, dgamma, dbeta = _backward(dout, x, gamma[None], 1, ln_param)
    return dx, dgamma.reshape(gamma.shape), dbeta.reshape(gamma.shape)


def instancenorm_forward(x: Array, gamma: Array, beta: Array, in_param: Param) -> Array:
    """Instance norm of ``x`` ``(N, C, H, W)``: each channel of each sample over rows and columns.

    ``gamma`` and ``beta`` are ``(1, C, 1, 1)``; ``in_param`` may hold ``eps`` (default 1e-5).
    Source: Ulyanov, Vedaldi and Lempitsky, equation 3. Returns ``out`` of the shape of ``x``.

    Raises ``ValueError`` where the shapes do not belong together.
    """
    _check_planes(x, gamma, beta)
    return _forward(x, gamma, beta, 2, in_param)[0]


def instancenorm_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, in_param: Param
) -> Gradients:
    """Gradients of :func:`instancenorm_forward`: ``dx``, ``dgamma``, ``dbeta``.

    As in :func:`batchnorm_backward`, with the means in ``dx`` over rows and columns; ``dgamma`` and
    ``dbeta`` are sums over batch, rows and columns, ``(1, C, 1, 1)``.
    """
    _check_planes(x, gamma, beta)
    return _backward(dout, x, gamma, 2, in_param)


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
    _check_groups(x, gamma, beta, G)
    groups, scale, offset = (_grouped(value, G) for value in (x, gamma, beta))
    return _forward(groups, scale, offset, 2, gn_param)[0].reshape(x.shape)


def spatial_groupnorm_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, G: int, gn_param: Param
) -> Gradients:
    """Gradients of :func:`spatial_groupnorm_forward`: ``dx``, ``dgamma``, ``dbeta``.

    As in :func:`batchnorm_backward`, with the means in ``dx`` over a group; ``dgamma`` and
    ``dbeta`` are sums over batch, rows and columns, ``(1, C, 1, 1)``.
    """
    _check_groups(x, gamma, beta, G)
    _check_dout(dout, x)
    given, groups, scale = (_grouped(value, G) for value in (dout, x, gamma))
    dx, dgamma, dbeta = _backward(given, groups, scale, 2, gn_param)
    return dx.reshape(x.shape), dgamma.reshape(gamma.shape), dbeta.reshape(gamma.shape)


def _centred(x: Array, lead: int, param: Param) -> tuple[Array, Array, Array, Array]:
    """``x`` minus the mean of its set; mean, variance and ``sqrt(variance + eps)`` of each set.

    The first ``lead`` axes number the sets. The last three results have the axes of ``x``.
    """
    # EPS has no precision of its own: it makes floats of whole numbers, and leaves floats alone.
    # One copy, contiguous so that the axes of a set can be taken as one; all else is in place.
    centred = np.array(x, np.result_type(x, EPS), order="C")
    values = centred.reshape(*x.shape[:lead], -1)
    each = (*x.shape[:lead], *(1,) * (x.ndim - lead))
    mean = values.mean(axis=-1, keepdims=True)
    values -= mean
    variance = (np.vecdot(values, values) / values.shape[-1]).reshape(each)
    return centred, mean.reshape(each), variance, np.sqrt(variance + param.get("eps", EPS))


def _forward(
    x: Array, gamma: Array, beta: Array, lead: int, param: Param
) -> tuple[Array, Array, Array]:
    """``out``, and mean and variance of every set."""
    out = np.empty_like(x, np.result_type(x, gamma, beta, EPS))
    means, variances = [], []
    for block, where in sets(x, gamma):
        centred, mean, variance, deviation = _centred(x[block], lead, param)
        np.add(gamma[where] / deviation * centred, beta[where], out=out[block])
        means.append(mean)
        variances.append(variance)
    return out, np.concatenate(means), np.concatenate(variances)


def _backward(dout: Array, x: Array, gamma: Array, lead: int, param: Param) -> Gradients:
    _check_dout(dout, x)
    dx = np.empty_like(x, np.result_type(dout, x, gamma, EPS))
    dgamma = np.zeros(gamma.shape, np.result_type(dout, x, EPS))
    dbeta = np.zeros(gamma.shape, dout.dtype)
    for block, where in sets(x, gamma):
        normalized, _, _, deviation = _centred(x[block], lead, param)
        normalized /= deviation
        given = np.ascontiguousarray(dout[block])
        dgamma[where] += _sum_like(given * normalized, gamma[where])
        dbeta[where] += _sum_like(given, gamma[where])
        dx[block] = _through(gamma[where] * given, normalized, lead) / deviation
    return dx, dgamma, dbeta


def _through(dnormalized: Array, normalized: Array, lead: int) -> Array:
    """``deviation`` times the gradient of a normalization's input, from that of its output."""
    given, values = (a.reshape(*a.shape[:lead], -1) for a in (dnormalized, normalized))
    mean = given.mean(axis=-1, keepdims=True)
    along = np.vecdot(given, values)[..., None] / values.shape[-1]
    return np.asarray(given - mean - values * along).reshape(normalized.shape)


def _moments(x: Array) -> tuple[Array, Array]:
    """Mean and variance of each column of ``x`` ``(N, D)``."""
    mean = sum(x[block].sum(axis=0) for block in images(x)) / len(x)
    return mean, sum(np.square(x[block] - mean).sum(axis=0) for block in images(x)) / len(x)


def _forward_columns(
    x: Array, gamma: Array, beta: Array, param: Param
) -> tuple[Array, Array, Array]:
    """As :func:`_forward` where the sets are the columns of ``x`` ``(N, D)``.

    A column is scattered over memory: here blocks are of rows, and ``x`` is gone over three times.
    """
    mean, variance = _moments(x)
    scale = gamma / np.sqrt(variance + param.get("eps", EPS))
    out = np.empty_like(x, np.result_type(x, gamma, beta, EPS))
    for block in images(x):
        out[block] = scale * (x[block] - mean) + beta
    return out, mean, variance


def _backward_columns(dout: Array, x: Array, gamma: Array, param: Param) -> Gradients:
    """As :func:`_backward` where the sets are the columns of ``x`` ``(N, D)``."""
    mean, variance = _moments(x)
    deviation = np.sqrt(variance + param.get("eps", EPS))
    dbeta = sum(dout[block].sum(axis=0) for block in images(x))
    dgamma = sum((dout[block] * (x[block] - mean)).sum(axis=0) for block in images(x)) / deviation
    dx = np.empty_like(x, np.result_type(dout, x, gamma, EPS))
    # A column has one gamma, so the means that the formula subtracts are those of dbeta and dgamma.
    along = dgamma / deviation / len(x)
    for block in images(x):
        given = dout[block] - dbeta / len(x)
        dx[block] = gamma / deviation * (given - (x[block] - mean) * along)
    return dx, dgamma, dbeta


def _sum_like(values: Array, parameter: Array) -> Array:
    """The sum of ``values`` over the axes along which ``parameter`` has one value."""
    axes = tuple(axis for axis, length in enumerate(parameter.shape) if length == 1)
    return np.asarray(values.sum(axis=axes, keepdims=True))


def _forward_channels(
    x: Array, gamma: Array, beta: Array, param: Param
) -> tuple[Array, Array, Array]:
    """As :func:`_forward` where the sets are the channels of ``x`` ``(N, C, H, W)``."""
    columns = _check_features(x, gamma, beta)
    scale, offset = gamma.reshape(columns), beta.reshape(columns)
    out, mean, variance = _forward(x.swapaxes(0, 1), scale, offset, 1, param)
    return out.swapaxes(0, 1), mean.reshape(gamma.shape), variance.reshape(gamma.shape)


def _with_state(x: Array, gamma: Array, beta: Array, bn_param: Param, train: Train) -> WithState:
    columns = _check_features(x, gamma, beta)
    momentum = bn_param.get("momentum", MOMENTUM)
    zeros = np.zeros(x.shape[1], x.dtype)
    running_mean = np.array(bn_param.get("running_mean", zeros))
    running_var = np.array(bn_param.get("running_var", zeros))
    if bn_param["mode"] == "train":
        out, mean, variance = train(x, gamma, beta, bn_param)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * variance
    elif bn_param["mode"] == "test":
        deviation = np.sqrt(running_var + bn_param.get("eps", EPS))
        out = np.empty_like(x, np.result_type(x, running_mean, deviation, gamma, beta, EPS))
        mean, divisor, scale, offset = (
            value.reshape(columns[:-1]) for value in (running_mean, deviation, gamma, beta)
        )
        for block in images(x):
            out[block] = scale * ((x[block] - mean) / divisor) + offset
    else:
        raise ValueError(f"mode must be 'train' or 'test', got {bn_param['mode']!r}")
    return out, running_mean, running_var


def _check_backward(
    dout: Array, x: Array, gamma: Array, beta: Array, bn_param: Param
) -> tuple[int, ...]:
    """As :func:`_check_features`, for the backward pass of batch norm."""
    columns = _check_features(x, gamma, beta)
    if bn_param["mode"] != "train":
        raise ValueError(f"gradients are those of train mode, got the mode {bn_param['mode']!r}")
    _check_dout(dout, x)
    return columns


def _check_images(x: Array) -> None:
    if x.ndim != 4:
        raise ValueError(f"x must be (N, C, H, W), got the shape {x.shape}")


def _check_features(x: Array, gamma: Array, beta: Array) -> tuple[int, ...]:
    """The shape that lays one value for each feature along ``x`` with its features first."""
    features = x.shape[1]
    for name, value in (("gamma", gamma), ("beta", beta)):
        if value.shape != (features,):
            raise ValueError(f"{name} must be ({features},), got {value.shape}")
    return (features,) + (1,) * (x.ndim - 1)


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


def _check_groups(x: Array, gamma: Array, beta: Array, G: int) -> None:
    _check_planes(x, gamma, beta)
    channels = x.shape[1]
    if G < 1 or channels % G:
        raise ValueError(f"{channels} channels do not make {G} groups of equal size")


def _grouped(value: Array, G: int) -> Array:
    """An array over channels (axis 1) with these in ``G`` groups, in an axis of their own."""
    n, channels, height, width = value.shape
    return value.reshape(n, G, channels // G, height, width)


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
