"""Trusted operators of the assignment ``convnet``.

Every operator returns what the task of its name returns, but a forward pass returns ``out`` alone,
without a cache, and what needs layers uses the reference's own. No operator changes its arguments.
``params`` is a dictionary of arrays: ``conv1_w`` ``(F, C, K, K)``, ``conv1_b`` ``(F,)``, …,
``fc1_w`` ``(D, M)``, ``fc1_b`` ``(M,)``, …. The network is [convolution with same padding, ReLU,
max pooling 2×2] for each ``conv``, then [affine, ReLU] for each ``fc`` but the last, which gives
the scores.

Sources: the gradients follow by the chain rule; scale of the initial weights: K. He et al.,
"Delving deep into rectifiers" (arXiv:1502.01852), equation 10; momentum: B. T. Polyak, "Some
methods of speeding up the convergence of iteration methods" (1964).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import convolution, pooling

__all__ = [
    "OPERATORS",
    "POOL",
    "affine_backward",
    "affine_forward",
    "convnet_loss",
    "convnet_predict",
    "init_convnet",
    "layer_costs",
    "lenet_shapes",
    "relu_backward",
    "relu_forward",
    "sgd_momentum_step",
    "softmax_loss",
    "train_convnet",
]

Array = np.ndarray[Any, np.dtype[Any]]
Params = dict[str, Array]
Row = tuple[str, tuple[int, ...], tuple[int, ...] | None]

POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}


def affine_forward(x: Array, w: Array, b: Array) -> Array:
    """Fully connected layer: ``x`` ``(N, d1, …, dk)``, ``w`` ``(D, M)``, ``b`` ``(M,)``.

    ``D = d1 ⋯ dk``. Returns ``out = x w + b`` of shape ``(N, M)``, each sample as one row.
    """
    return x.reshape(x.shape[0], -1) @ w + b


def affine_backward(dout: Array, x: Array, w: Array, b: Array) -> tuple[Array, Array, Array]:
    """Gradients of :func:`affine_forward`: ``dx = dout wᵀ`` in the shape of ``x``,
    ``dw = xᵀ dout``, ``db`` the sum of ``dout`` ``(N, M)`` over the samples."""
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, dout.sum(axis=0)


def relu_forward(x: Array) -> Array:
    """``max(0, x)``, element by element, for an array of any shape."""
    return np.maximum(x, 0)


def relu_backward(dout: Array, x: Array) -> Array:
    """Gradient of :func:`relu_forward`: ``dout`` where ``x > 0``, else 0; at 0 it is 0."""
    return np.where(x > 0, dout, np.zeros((), dout.dtype))


def softmax_loss(scores: Array, y: Array) -> tuple[float, Array]:
    """Mean cross entropy of the softmax of ``scores`` ``(N, K)`` for the classes ``y`` ``(N,)``.

    ``loss = −(1/N) Σ_n log p[n, y_n]`` with ``p = softmax(scores)``, and
    ``dscores = (p − onehot(y)) / N``.
    The largest score of each row is subtracted first, which changes nothing but prevents overflow.
    """
    count = scores.shape[0]
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(count)
    dscores = np.exp(log_p)
    dscores[rows, y] -= 1
    return float(-log_p[rows, y].mean()), dscores / count


def lenet_shapes(input_shape: tuple[int, int, int] = (1, 28, 28)) -> list[Row]:
    """The layers of the lecture's LeNet-5 for one image: ``(layer, output shape, weight shape)``.

    Two convolutions of 5×5 with padding 2, of 20 and 50 filters, each with ReLU and max pooling
    2×2, then 500 and 10 outputs of fully connected layers. Layers without weights have ``None``.
    Raises ``ValueError`` where height or width is not divisible by 4.
    """
    channels, height, width = (int(size) for size in input_shape)
    if height % 4 or width % 4 or min(channels, height, width) < 1:
        raise ValueError(f"height and width must be divisible by 4, got {tuple(input_shape)}")
    rows: list[Row] = []
    for number, filters in ((1, 20), (2, 50)):
        rows.append((f"conv{number}", (filters, height, width), (filters, channels, 5, 5)))
        rows.append((f"relu{number}", (filters, height, width), None))
        channels, height, width = filters, height // 2, width // 2
        rows.append((f"pool{number}", (channels, height, width), None))
    flat = channels * height * width
    return [
        *rows,
        ("flatten", (flat,), None),
        ("fc1", (500,), (flat, 500)),
        ("relu3", (500,), None),
        ("fc2", (10,), (500, 10)),
    ]


def init_convnet(
    input_shape: tuple[int, int, int],
    filters: Sequence[int],
    kernel: int,
    hidden: Sequence[int],
    classes: int,
    seed: int = 0,
) -> Params:
    """Weights from a normal distribution with standard deviation ``√(2 / fan_in)``, biases zero.

    ``fan_in`` counts the inputs of one output: ``C K²`` or ``D``. ``float64``. Raises
    ``ValueError`` where a layer of pooling would not divide height and width.
    """
    rng = np.random.default_rng(seed)
    params: Params = {}
    channels, height, width = input_shape
    for number, count in enumerate(filters, 1):
        fan_in = channels * kernel * kernel
        shape = (count, channels, kernel, kernel)
        params[f"conv{number}_w"] = rng.standard_normal(shape) * np.sqrt(2 / fan_in)
        params[f"conv{number}_b"] = np.zeros(count)
        if height % 2 or width % 2:
            raise ValueError(f"pooling does not divide {height}×{width}")
        channels, height, width = count, height // 2, width // 2
    size = channels * height * width
    for number, count in enumerate([*hidden, classes], 1):
        params[f"fc{number}_w"] = rng.standard_normal((size, count)) * np.sqrt(2 / size)
        params[f"fc{number}_b"] = np.zeros(count)
        size = count
    return params


def _layers(params: Mapping[str, Array], kind: str) -> list[tuple[str, Array, Array]]:
    count = sum(name.startswith(kind) for name in params) // 2
    names = [f"{kind}{number}" for number in range(1, count + 1)]
    return [(name, params[f"{name}_w"], params[f"{name}_b"]) for name in names]


def _scores(params: Mapping[str, Array], x: Array) -> tuple[Array, list[Any], list[Any], Array]:
    """Scores, what the convolutions and the affine layers saw, and the last pooled array."""
    seen, rows = [], []
    out = x
    for _, w, b in _layers(params, "conv"):
        param = {"stride": 1, "pad": (w.shape[2] - 1) // 2}
        before = convolution.conv_forward(out, w, b, param)
        seen.append((out, before, param))
        out = pooling.max_pool_forward(relu_forward(before), POOL)
    pooled = out
    layers = _layers(params, "fc")
    for number, (_, w, b) in enumerate(layers, 1):
        before = affine_forward(out, w, b)
        rows.append((out, before))
        out = relu_forward(before) if number < len(layers) else before
    return out, seen, rows, pooled


def convnet_loss(params: Params, x: Array, y: Array) -> tuple[float, Params]:
    """Loss of the network for images ``x`` ``(N, C, H, W)`` of the classes ``y``, and the gradient
    with respect to every array in ``params``, under the same keys."""
    scores, seen, rows, pooled = _scores(params, x)
    loss, dout = softmax_loss(scores, y)
    grads: Params = {}
    layers = _layers(params, "fc")
    for (name, w, b), (inputs, before) in zip(layers[::-1], rows[::-1], strict=True):
        if name != layers[-1][0]:
            dout = relu_backward(dout, before)
        dout, grads[f"{name}_w"], grads[f"{name}_b"] = affine_backward(dout, inputs, w, b)
    dout = dout.reshape(pooled.shape)
    convolutions = _layers(params, "conv")
    for (name, w, b), (inputs, before, param) in zip(convolutions[::-1], seen[::-1], strict=True):
        dout = pooling.max_pool_backward(dout, relu_forward(before), POOL)
        dout = relu_backward(dout, before)
        dout, grads[f"{name}_w"], grads[f"{name}_b"] = convolution.conv_backward(
            dout, inputs, w, b, param
        )
    return loss, {name: grads[name] for name in params}


def convnet_predict(params: Params, x: Array) -> Array:
    """The class with the largest score for each image: ``int64`` ``(N,)``."""
    return np.asarray(_scores(params, x)[0].argmax(axis=1))


def sgd_momentum_step(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> tuple[Params, Params]:
    """One step of gradient descent with momentum: ``v ← momentum·v − lr·grad``, ``p ← p + v``.

    ``state`` holds ``v`` under the keys of ``params``, and is empty before the first step. Returns
    new ``params`` and ``state``.
    """
    velocity = {
        name: momentum * state.get(name, np.zeros_like(value)) - lr * grads[name]
        for name, value in params.items()
    }
    return {name: value + velocity[name] for name, value in params.items()}, velocity


def train_convnet(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> tuple[Params, list[float]]:
    """Trained ``params`` and the loss of each step: every epoch sees all images in a new random
    order, in batches of ``batch_size``; the last batch of an epoch may be smaller."""
    rng = np.random.default_rng(seed)
    losses: list[float] = []
    state: Params = {}
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = convnet_loss(params, x[batch], y[batch])
            params, state = sgd_momentum_step(params, grads, state, lr, momentum)
            losses.append(loss)
    return params, losses


def layer_costs(
    input_shape: tuple[int, int, int],
    filters: Sequence[int],
    kernel: int,
    hidden: Sequence[int],
    classes: int,
) -> list[tuple[str, int, int, int]]:
    """``(layer, memory, params, multiply_adds)`` of every convolution, pooling and affine layer.

    ``memory`` is how many numbers its output has for one image; ``params`` counts weights and
    biases, ``multiply_adds`` the weights' multiplications, not the biases. ReLU works in place and
    is not listed; pooling has neither parameters nor multiply-adds.
    """
    rows: list[tuple[str, int, int, int]] = []
    channels, height, width = (int(size) for size in input_shape)
    for number, count in enumerate(filters, 1):
        weights, places = channels * kernel * kernel, height * width
        rows.append(
            (f"conv{number}", count * places, count * (weights + 1), count * places * weights)
        )
        channels, height, width = count, height // 2, width // 2
        rows.append((f"pool{number}", channels * height * width, 0, 0))
    size = channels * height * width
    for number, count in enumerate([*hidden, classes], 1):
        rows.append((f"fc{number}", count, (size + 1) * count, size * count))
        size = count
    return rows


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "affine_forward": affine_forward,
    "affine_backward": affine_backward,
    "relu_forward": relu_forward,
    "relu_backward": relu_backward,
    "softmax_loss": softmax_loss,
    "lenet_shapes": lenet_shapes,
    "init_convnet": init_convnet,
    "convnet_loss": convnet_loss,
    "convnet_predict": convnet_predict,
    "sgd_momentum_step": sgd_momentum_step,
    "train_convnet": train_convnet,
    "layer_costs": layer_costs,
}
