"""Known mistakes of the assignment ``convnet``. Each changes one thing about the reference."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np

from autograder.mistakes import Register
from autograder.reference import convnet as reference
from autograder.reference import convolution, pooling

__all__ = ["MISTAKES"]

Array = np.ndarray[Any, np.dtype[Any]]
Params = dict[str, Array]

_mistake = Register()


def _faulty(params: Params, x: Array, y: Array, fault: str) -> tuple[float, Params]:
    """``reference.convnet_loss``, step by step, with one step as ``fault`` names it."""
    if fault == "pad_zero":
        x = x.copy()
        x[:, :, [0, -1], :] = 0
        x[:, :, :, [0, -1]] = 0
    convolutions, rows = reference._layers(params, "conv"), reference._layers(params, "fc")
    seen, inputs = [], []
    out = x
    for _, w, b in convolutions:
        param = {"stride": 1, "pad": (w.shape[2] - 1) // 2}
        before = convolution.conv_forward(out, w, b, param)
        active = before if fault == "relu_conv" else np.maximum(before, 0)
        seen.append((out, before, active, param))
        if fault == "pool":
            out = active[:, :, ::2, ::2]
        else:
            out = pooling.max_pool_forward(active, reference.POOL)
    shape = out.shape
    for name, w, b in rows:
        last = name == rows[-1][0]
        bias = 0 * b if last and fault == "last_bias" else b
        before = reference.affine_forward(out, w, bias)
        inputs.append((out, before))
        out = before if last and fault != "relu_scores" else np.maximum(before, 0)
    loss, dout = reference.softmax_loss(out, y)
    grads: Params = {}
    for (name, w, b), (given, before) in zip(rows[::-1], inputs[::-1], strict=True):
        if name != rows[-1][0] or fault == "relu_scores":
            dout = reference.relu_backward(dout, before)
        dout, grads[f"{name}_w"], grads[f"{name}_b"] = reference.affine_backward(dout, given, w, b)
    dout = dout.reshape(shape)
    for (name, w, b), (given, before, active, param) in zip(
        convolutions[::-1], seen[::-1], strict=True
    ):
        if fault == "pool":
            spread = np.zeros_like(active)
            spread[:, :, ::2, ::2] = dout
            dout = spread
        elif fault == "pool_mean":
            dout = dout.repeat(2, axis=2).repeat(2, axis=3) / 4
        else:
            dout = pooling.max_pool_backward(dout, active, reference.POOL)
        if fault not in ("relu_conv", "relu_conv_backward"):
            dout = reference.relu_backward(dout, before)
        dout, grads[f"{name}_w"], grads[f"{name}_b"] = convolution.conv_backward(
            dout, given, w, b, param
        )
        if fault == "bias_missing":
            grads[f"{name}_b"] = 0 * grads[f"{name}_b"]
    if fault == "first_layer_missing":
        grads["conv1_w"] = 0 * grads["conv1_w"]
    scale = {"grads_half": 0.5, "weight_signs": -1.0}.get(fault, 1.0)
    if fault == "regularized":
        loss += 0.01 * sum(float((value**2).sum()) for value in params.values())
    return loss, {name: scale * grads[name] for name in params}


@_mistake(
    "affine_forward",
    "bias_forgotten",
    "the bias is not added",
    "What is left of the output when x is zero?",
)
def _affine_forward_bias_forgotten(x: Array, w: Array, b: Array) -> Any:
    return reference.affine_forward(x, w, 0 * b)


@_mistake(
    "affine_forward",
    "bias_subtracted",
    "the bias is subtracted",
    "Look at the sign of b.",
)
def _affine_forward_bias_subtracted(x: Array, w: Array, b: Array) -> Any:
    return reference.affine_forward(x, w, -b)


@_mistake(
    "affine_forward",
    "first_sample_only",
    "every row of the output belongs to the first sample",
    "Each sample has a row of its own.",
)
def _affine_forward_first_sample_only(x: Array, w: Array, b: Array) -> Any:
    return reference.affine_forward(np.repeat(x[:1], len(x), axis=0), w, b)


@_mistake(
    "affine_forward",
    "averaged",
    "the output is divided by the number of inputs",
    "A fully connected layer adds up; it does not average.",
)
def _affine_forward_averaged(x: Array, w: Array, b: Array) -> Any:
    return reference.affine_forward(x, w / len(w), b)


@_mistake(
    "affine_forward",
    "columns_first",
    "the axes of each sample are flattened in the other order",
    "reshape flattens with the last axis running fastest; keep that order.",
)
def _affine_forward_columns_first(x: Array, w: Array, b: Array) -> Any:
    rows = x.reshape(len(x), -1, order="F")
    return rows @ w + b


@_mistake(
    "affine_forward",
    "relu_included",
    "negative outputs are cut off at zero",
    "The nonlinearity is a layer of its own.",
)
def _affine_forward_relu_included(x: Array, w: Array, b: Array) -> Any:
    return np.maximum(reference.affine_forward(x, w, b), 0)


@_mistake(
    "affine_forward",
    "weights_absolute",
    "the weights lose their sign",
    "A weight may be negative.",
)
def _affine_forward_weights_absolute(x: Array, w: Array, b: Array) -> Any:
    return reference.affine_forward(x, np.abs(w), b)


@_mistake(
    "affine_forward",
    "samples_reversed",
    "the samples come in the opposite order",
    "Row n of the output belongs to sample n.",
)
def _affine_forward_samples_reversed(x: Array, w: Array, b: Array) -> Any:
    return reference.affine_forward(x, w, b)[::-1].copy()


@_mistake(
    "affine_backward",
    "db_averaged",
    "db is the mean over the samples",
    "Every sample adds to the loss, so the gradients of the samples add up.",
)
def _affine_backward_db_averaged(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    return dx, dw, db / len(x)


@_mistake(
    "affine_backward",
    "dw_averaged",
    "dw is divided by the number of samples",
    "Where the loss takes a mean, dout has it already.",
)
def _affine_backward_dw_averaged(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    return dx, dw / len(x), db


@_mistake(
    "affine_backward",
    "dx_flat",
    "dx keeps the flattened shape",
    "A gradient has the shape of what it belongs to.",
)
def _affine_backward_dx_flat(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    return dx.reshape(len(x), -1), dw, db


@_mistake(
    "affine_backward",
    "dw_transposed",
    "dw is transposed",
    "Compare the shape of dw with that of w.",
)
def _affine_backward_dw_transposed(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    return dx, dw.T.copy(), db


@_mistake(
    "affine_backward",
    "db_is_dout",
    "db is dout itself, not summed over the samples",
    "The same bias is used for every sample.",
)
def _affine_backward_db_is_dout(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, _ = reference.affine_backward(dout, x, w, b)
    return dx, dw, dout.copy()


@_mistake(
    "affine_backward",
    "db_over_outputs",
    "db is summed over the wrong axis",
    "How many entries has b, and how many db?",
)
def _affine_backward_db_over_outputs(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, _ = reference.affine_backward(dout, x, w, b)
    return dx, dw, dout.sum(axis=1)


@_mistake(
    "affine_backward",
    "order_of_results",
    "the gradients come in another order",
    "The order is that of the arguments: x, w, b.",
)
def _affine_backward_order_of_results(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    return dw, dx, db


@_mistake(
    "affine_backward",
    "dx_zero",
    "dx is left at zero",
    "How does the loss change when an input does?",
)
def _affine_backward_dx_zero(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    return 0 * dx, dw, db


@_mistake(
    "affine_backward",
    "dw_last_sample",
    "dw holds the last sample only",
    "Do you assign in the loop where you should add?",
)
def _affine_backward_dw_last_sample(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, _dw, db = reference.affine_backward(dout, x, w, b)
    return dx, reference.affine_backward(dout[-1:], x[-1:], w, b)[1], db


@_mistake(
    "affine_backward",
    "sign",
    "all gradients have the opposite sign",
    "The step downhill is taken later, by the optimizer.",
)
def _affine_backward_sign(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    return -dx, -dw, -db


@_mistake(
    "relu_forward",
    "absolute",
    "negative values change their sign",
    "Negative values become zero.",
)
def _relu_forward_absolute(x: Array) -> Any:
    return np.abs(x)


@_mistake(
    "relu_forward",
    "leaky",
    "a hundredth of the negative values gets through",
    "Below zero the plain ReLU is flat.",
)
def _relu_forward_leaky(x: Array) -> Any:
    return np.where(x > 0, x, 0.01 * x)


@_mistake(
    "relu_forward",
    "minimum",
    "the positive values are cut off",
    "Which of the two is larger, x or 0?",
)
def _relu_forward_minimum(x: Array) -> Any:
    return np.minimum(x, 0)


@_mistake(
    "relu_forward",
    "mask_only",
    "the result says where x is positive, as ones and zeros",
    "Where x is positive, x itself is the output.",
)
def _relu_forward_mask_only(x: Array) -> Any:
    return (x > 0).astype(x.dtype)


@_mistake(
    "relu_forward",
    "nothing",
    "nothing is cut off",
    "What should become of negative values?",
)
def _relu_forward_nothing(x: Array) -> Any:
    return x.copy()


@_mistake(
    "relu_forward",
    "capped",
    "values above 1 are cut off too",
    "There is no upper limit.",
)
def _relu_forward_capped(x: Array) -> Any:
    return np.clip(x, 0, 1)


@_mistake(
    "relu_forward",
    "rows_dropped",
    "the result is flattened",
    "The shape stays as it is.",
)
def _relu_forward_rows_dropped(x: Array) -> Any:
    return np.maximum(x, 0).reshape(-1)


@_mistake(
    "relu_backward",
    "mask_on_dout",
    "the mask looks at dout and not at x",
    "The layer was switched on or off by its input.",
)
def _relu_backward_mask_on_dout(dout: Array, x: Array) -> Any:
    return np.where(dout > 0, dout, 0.0)


@_mistake(
    "relu_backward",
    "mask_only",
    "the result is the mask, without dout",
    "The chain rule multiplies.",
)
def _relu_backward_mask_only(dout: Array, x: Array) -> Any:
    return (x > 0).astype(float)


@_mistake(
    "relu_backward",
    "zero_included",
    "the gradient passes where x is exactly zero",
    "At zero we agree on the gradient 0.",
)
def _relu_backward_zero_included(dout: Array, x: Array) -> Any:
    return np.where(x >= 0, dout, 0.0)


@_mistake(
    "relu_backward",
    "nothing_masked",
    "the gradient passes everywhere",
    "Where the output is constant, the gradient is zero.",
)
def _relu_backward_nothing_masked(dout: Array, x: Array) -> Any:
    return dout.copy()


@_mistake(
    "relu_backward",
    "times_input",
    "dout is multiplied by the output instead of the slope",
    "The slope of the positive part is one.",
)
def _relu_backward_times_input(dout: Array, x: Array) -> Any:
    return dout * np.maximum(x, 0)


@_mistake(
    "relu_backward",
    "negative_side",
    "the gradient passes where x is negative",
    "Which side of zero is flat?",
)
def _relu_backward_negative_side(dout: Array, x: Array) -> Any:
    return np.where(x < 0, dout, 0.0)


@_mistake(
    "softmax_loss",
    "not_averaged",
    "the loss and its gradient are sums over the samples",
    "The loss is a mean over the batch.",
)
def _softmax_loss_not_averaged(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    return loss * len(y), d * len(y)


@_mistake(
    "softmax_loss",
    "gradient_not_averaged",
    "the gradient is not divided by the number of samples",
    "The loss is a mean. What does that mean for its gradient?",
)
def _softmax_loss_gradient_not_averaged(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    return loss, d * len(y)


@_mistake(
    "softmax_loss",
    "averaged_twice",
    "the gradient is divided by the number of samples twice",
    "Divide once.",
)
def _softmax_loss_averaged_twice(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    return loss, d / len(y)


@_mistake(
    "softmax_loss",
    "one_hot_missing",
    "the gradient is the probabilities, with nothing taken off for the right class",
    "Compare with the derivative for the right class.",
)
def _softmax_loss_one_hot_missing(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    d[np.arange(len(y)), y] += 1 / len(y)
    return loss, d


@_mistake(
    "softmax_loss",
    "sign",
    "the loss is negative",
    "The logarithm of a probability is negative, and a loss is not.",
)
def _softmax_loss_sign(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    return -loss, d


@_mistake(
    "softmax_loss",
    "gradient_sign",
    "the gradient has the opposite sign",
    "Does a larger score of the right class make the loss larger?",
)
def _softmax_loss_gradient_sign(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    return loss, -d


@_mistake(
    "softmax_loss",
    "wrong_axis",
    "the probabilities of a class add up to one over the samples",
    "For one sample the probabilities of all classes add up to one.",
)
def _softmax_loss_wrong_axis(scores: Array, y: Array) -> Any:
    p = np.exp(scores - scores.max(axis=0))
    p = p / p.sum(axis=0)
    rows = np.arange(len(y))
    loss = float(-np.log(p[rows, y]).mean())
    p[rows, y] -= 1
    return loss, p / len(y)


@_mistake(
    "softmax_loss",
    "log_two",
    "the logarithm is that to base 2",
    "The natural logarithm is meant.",
)
def _softmax_loss_log_two(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    return loss / float(np.log(2)), d


@_mistake(
    "softmax_loss",
    "probability_as_loss",
    "the loss is one minus the probability, without a logarithm",
    "Cross entropy takes the logarithm.",
)
def _softmax_loss_probability_as_loss(scores: Array, y: Array) -> Any:
    _loss, d = reference.softmax_loss(scores, y)
    p = d * len(y)
    return float(-p[np.arange(len(y)), y].mean()), d


@_mistake(
    "softmax_loss",
    "overflow",
    "the exponentials overflow",
    "What happens to exp(1000)? Softmax does not change when a row is shifted.",
)
def _softmax_loss_overflow(scores: Array, y: Array) -> Any:
    e = np.exp(scores)
    p = e / e.sum(axis=1, keepdims=True)
    rows = np.arange(len(y))
    loss = float(-np.log(p[rows, y]).mean())
    p[rows, y] -= 1
    return loss, p / len(y)


@_mistake(
    "softmax_loss",
    "clipped",
    "probabilities are kept away from zero by adding a small number",
    "Subtract the largest score instead; then log p can be computed exactly.",
)
def _softmax_loss_clipped(scores: Array, y: Array) -> Any:
    _loss, d = reference.softmax_loss(scores, y)
    p = d * len(y)
    rows = np.arange(len(y))
    p[rows, y] += 1
    return float(-np.log(p[rows, y] + 1e-8).mean()), d


@_mistake(
    "lenet_shapes",
    "pad_ignored",
    "the convolutions make the images smaller",
    "With padding 2 a kernel of 5 keeps the size.",
)
def _lenet_shapes_pad_ignored(input_shape: Any = (1, 28, 28)) -> Any:
    rows = reference.lenet_shapes(input_shape)
    return [
        (n, (o[0], o[1] - 4, o[2] - 4) if n in ("conv1", "relu1") else o, w) for n, o, w in rows
    ]


@_mistake(
    "lenet_shapes",
    "pool_ignored",
    "pooling leaves the size as it is",
    "A window of 2 with a stride of 2 halves both sides.",
)
def _lenet_shapes_pool_ignored(input_shape: Any = (1, 28, 28)) -> Any:
    rows = reference.lenet_shapes(input_shape)
    return [(n, (o[0], 2 * o[1], 2 * o[2]) if n.startswith("pool") else o, w) for n, o, w in rows]


@_mistake(
    "lenet_shapes",
    "weights_transposed",
    "the shapes of fully connected weights are transposed",
    "This notebook computes x @ w, so the inputs come first.",
)
def _lenet_shapes_weights_transposed(input_shape: Any = (1, 28, 28)) -> Any:
    rows = reference.lenet_shapes(input_shape)
    return [(n, o, w[::-1] if w and n.startswith("fc") else w) for n, o, w in rows]


@_mistake(
    "lenet_shapes",
    "channels_missing",
    "the filters reach through one channel only",
    "A filter reaches through all channels of its input.",
)
def _lenet_shapes_channels_missing(input_shape: Any = (1, 28, 28)) -> Any:
    rows = reference.lenet_shapes(input_shape)
    return [(n, o, (w[0], 1, *w[2:]) if w and n == "conv2" else w) for n, o, w in rows]


@_mistake(
    "lenet_shapes",
    "filters_last",
    "the filters are counted on the last axis",
    "In this course filters come first: (F, C, HH, WW).",
)
def _lenet_shapes_filters_last(input_shape: Any = (1, 28, 28)) -> Any:
    rows = reference.lenet_shapes(input_shape)
    return [(n, o, (*w[1:], w[0]) if w and n.startswith("conv") else w) for n, o, w in rows]


@_mistake(
    "lenet_shapes",
    "flatten_missing",
    "the row for flattening is missing",
    "Between the last image and the first row of numbers lies a reshape.",
)
def _lenet_shapes_flatten_missing(input_shape: Any = (1, 28, 28)) -> Any:
    rows = reference.lenet_shapes(input_shape)
    return [row for row in rows if row[0] != "flatten"]


@_mistake(
    "lenet_shapes",
    "relu_missing",
    "the rows of the nonlinearities are missing",
    "ReLU changes no shape, but it is a layer.",
)
def _lenet_shapes_relu_missing(input_shape: Any = (1, 28, 28)) -> Any:
    rows = reference.lenet_shapes(input_shape)
    return [row for row in rows if not row[0].startswith("relu")]


@_mistake(
    "lenet_shapes",
    "always_mnist",
    "the input is taken to be 28×28 with one channel",
    "Use input_shape.",
)
def _lenet_shapes_always_mnist(input_shape: Any = (1, 28, 28)) -> Any:
    reference.lenet_shapes(input_shape)
    return reference.lenet_shapes()


@_mistake(
    "lenet_shapes",
    "square_only",
    "the height is taken for the width",
    "Height and width may differ.",
)
def _lenet_shapes_square_only(input_shape: Any = (1, 28, 28)) -> Any:
    reference.lenet_shapes(input_shape)
    return reference.lenet_shapes((input_shape[0], input_shape[1], input_shape[1]))


@_mistake(
    "lenet_shapes",
    "nothing_refused",
    "sizes that pooling does not divide are rounded down",
    "What should happen for a height of 30?",
)
def _lenet_shapes_nothing_refused(input_shape: Any = (1, 28, 28)) -> Any:
    c, h, w = input_shape
    return reference.lenet_shapes((c, h // 4 * 4, w // 4 * 4))


@_mistake(
    "layer_costs",
    "bias_missing",
    "biases are not counted as parameters",
    "Every filter and every output has a bias.",
)
def _layer_costs_bias_missing(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    biases = [*filters, *hidden, classes]
    made = iter(biases)
    return [(n, m, p - next(made) if p else 0, a) for n, m, p, a in rows]


@_mistake(
    "layer_costs",
    "pool_ignored",
    "pooling does not make the images smaller",
    "After pooling there is a quarter of the places.",
)
def _layer_costs_pool_ignored(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    return reference.layer_costs(
        (input_shape[0], 2 * input_shape[1], 2 * input_shape[2]), filters, kernel, hidden, classes
    )


@_mistake(
    "layer_costs",
    "channels_ignored",
    "the multiply-adds count one channel only",
    "A filter reaches through all its input channels.",
)
def _layer_costs_channels_ignored(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    depth = dict(
        zip(
            [f"conv{i}" for i in range(1, len(filters) + 1)],
            [input_shape[0], *filters],
            strict=False,
        )
    )
    return [(n, m, p, a // depth.get(n, 1)) for n, m, p, a in rows]


@_mistake(
    "layer_costs",
    "multiply_adds_doubled",
    "a multiplication and an addition are counted as two",
    "One multiply-add is one product that is added.",
)
def _layer_costs_multiply_adds_doubled(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    return [(n, m, p, 2 * a) for n, m, p, a in rows]


@_mistake(
    "layer_costs",
    "memory_of_input",
    "memory counts the input of a layer and not its output",
    "How many numbers does the layer put out?",
)
def _layer_costs_memory_of_input(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    sizes = [int(np.prod(input_shape)), *(row[1] for row in rows)]
    return [(n, m, p, a) for (n, _, p, a), m in zip(rows, sizes, strict=False)]


@_mistake(
    "layer_costs",
    "memory_in_bytes",
    "memory is given in bytes",
    "Count numbers, not bytes.",
)
def _layer_costs_memory_in_bytes(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    return [(n, 8 * m, p, a) for n, m, p, a in rows]


@_mistake(
    "layer_costs",
    "pool_missing",
    "the pooling layers are missing",
    "They cost no parameters, but memory.",
)
def _layer_costs_pool_missing(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    return [row for row in rows if not row[0].startswith("pool")]


@_mistake(
    "layer_costs",
    "kernel_not_squared",
    "a filter is taken to be K×1",
    "A filter has K·K weights for each channel.",
)
def _layer_costs_kernel_not_squared(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    return [
        (
            n,
            m,
            (p // (kernel * kernel)) if n.startswith("conv") else p,
            a // kernel if n.startswith("conv") else a,
        )
        for n, m, p, a in rows
    ]


@_mistake(
    "convnet_loss",
    "pool",
    "the images are pooled by taking every second pixel",
    "Pooling takes the largest value of each window.",
)
def _convnet_loss_pool(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "pool")


@_mistake(
    "convnet_loss",
    "relu_conv",
    "no ReLU stands between convolution and pooling",
    "What makes two layers more than one?",
)
def _convnet_loss_relu_conv(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "relu_conv")


@_mistake(
    "convnet_loss",
    "relu_conv_backward",
    "the gradient is not masked at the ReLU after a convolution",
    "Each layer of the forward pass has a step in the backward pass.",
)
def _convnet_loss_relu_conv_backward(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "relu_conv_backward")


@_mistake(
    "convnet_loss",
    "relu_scores",
    "the scores go through a ReLU too",
    "The scores may be negative.",
)
def _convnet_loss_relu_scores(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "relu_scores")


@_mistake(
    "convnet_loss",
    "pad_zero",
    "the outermost rows and columns of the images count as zero",
    "Every pixel counts.",
)
def _convnet_loss_pad_zero(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "pad_zero")


@_mistake(
    "convnet_loss",
    "pool_mean",
    "the gradient of pooling is spread over the window",
    "The gradient goes where the maximum came from.",
)
def _convnet_loss_pool_mean(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "pool_mean")


@_mistake(
    "convnet_loss",
    "grads_half",
    "the loss is a mean but its gradient is halved",
    "The constants of the loss and of the gradient belong together.",
)
def _convnet_loss_grads_half(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "grads_half")


@_mistake(
    "convnet_loss",
    "first_layer_missing",
    "the gradient of the first convolution is zero",
    "The backward pass goes down to the first layer.",
)
def _convnet_loss_first_layer_missing(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "first_layer_missing")


@_mistake(
    "convnet_loss",
    "bias_missing",
    "the biases of the convolutions get no gradient",
    "A bias is learned as well.",
)
def _convnet_loss_bias_missing(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "bias_missing")


@_mistake(
    "convnet_loss",
    "last_bias",
    "the bias of the last layer is left out of the scores",
    "The last layer is affine too.",
)
def _convnet_loss_last_bias(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "last_bias")


@_mistake(
    "convnet_loss",
    "regularized",
    "an L2 penalty of the weights is added to the loss",
    "The loss is the cross entropy alone.",
)
def _convnet_loss_regularized(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "regularized")


@_mistake(
    "convnet_loss",
    "weight_signs",
    "the gradients have the opposite sign",
    "Where is the descent done, here or in the step?",
)
def _convnet_loss_weight_signs(params: Params, x: Array, y: Array) -> Any:
    return _faulty(params, x, y, "weight_signs")


@_mistake(
    "convnet_loss",
    "loss_summed",
    "the loss is the sum over the batch",
    "The loss is a mean over the batch.",
)
def _convnet_loss_loss_summed(params: Params, x: Array, y: Array) -> Any:
    loss, grads = reference.convnet_loss(params, x, y)
    return loss * len(y), grads


@_mistake(
    "convnet_loss",
    "weights_and_biases_only_last",
    "only the last layer gets a gradient",
    "Every array in params has a gradient under the same key.",
)
def _convnet_loss_weights_and_biases_only_last(params: Params, x: Array, y: Array) -> Any:
    loss, grads = reference.convnet_loss(params, x, y)
    last = max(k for k in grads if k.startswith("fc"))[:-2]
    return loss, {k: v if k.startswith(last) else 0 * v for k, v in grads.items()}


@_mistake(
    "convnet_predict",
    "smallest",
    "the class with the smallest score is chosen",
    "The largest score wins.",
)
def _convnet_predict_smallest(params: Params, x: Array) -> Any:
    return reference._scores(params, x)[0].argmin(axis=1)


@_mistake(
    "convnet_predict",
    "wrong_axis",
    "for each class a sample is chosen, instead of a class for each sample",
    "How many labels should there be for N images?",
)
def _convnet_predict_wrong_axis(params: Params, x: Array) -> Any:
    return reference._scores(params, x)[0].argmax(axis=0)


@_mistake(
    "convnet_predict",
    "from_one",
    "classes are counted from one",
    "Classes are counted from zero.",
)
def _convnet_predict_from_one(params: Params, x: Array) -> Any:
    return reference.convnet_predict(params, x) + 1


@_mistake(
    "convnet_predict",
    "largest_magnitude",
    "the score that is largest without its sign is chosen",
    "A very negative score speaks against a class.",
)
def _convnet_predict_largest_magnitude(params: Params, x: Array) -> Any:
    return np.abs(reference._scores(params, x)[0]).argmax(axis=1)


@_mistake(
    "convnet_predict",
    "scores_returned",
    "the scores are returned and not the classes",
    "One whole number for each image.",
)
def _convnet_predict_scores_returned(params: Params, x: Array) -> Any:
    return reference._scores(params, x)[0]


@_mistake(
    "sgd_momentum_step",
    "uphill",
    "the step goes uphill",
    "The gradient points to where the loss grows.",
)
def _sgd_momentum_step_uphill(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    return reference.sgd_momentum_step(params, grads, state, -lr, momentum)


@_mistake(
    "sgd_momentum_step",
    "momentum_ignored",
    "the velocity of before is not used",
    "Where does state come in?",
)
def _sgd_momentum_step_momentum_ignored(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    return reference.sgd_momentum_step(params, grads, {}, lr, momentum)


@_mistake(
    "sgd_momentum_step",
    "weighted_gradient",
    "the gradient is weighted with one minus the momentum",
    "In this course the gradient counts in full.",
)
def _sgd_momentum_step_weighted_gradient(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    return reference.sgd_momentum_step(
        params, {k: (1 - momentum) * g for k, g in grads.items()}, state, lr, momentum
    )


@_mistake(
    "sgd_momentum_step",
    "velocity_not_returned",
    "the old velocity is returned",
    "What is handed to the next step?",
)
def _sgd_momentum_step_velocity_not_returned(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    new, _v = reference.sgd_momentum_step(params, grads, state, lr, momentum)
    return new, dict(state)


@_mistake(
    "sgd_momentum_step",
    "lr_on_velocity",
    "the learning rate is applied to the whole velocity",
    "It belongs to the gradient only.",
)
def _sgd_momentum_step_lr_on_velocity(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    _, v = reference.sgd_momentum_step(params, grads, state, 1.0, momentum)
    return {k: p + lr * v[k] for k, p in params.items()}, v


@_mistake(
    "sgd_momentum_step",
    "velocity_subtracted",
    "the velocity is subtracted from the parameters",
    "v has its sign already: p + v.",
)
def _sgd_momentum_step_velocity_subtracted(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    _new, v = reference.sgd_momentum_step(params, grads, state, lr, momentum)
    return {k: p - v[k] for k, p in params.items()}, v


@_mistake(
    "sgd_momentum_step",
    "plain_step",
    "the parameters take a step without momentum, and only state remembers it",
    "The parameters move by the velocity.",
)
def _sgd_momentum_step_plain_step(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    _new, v = reference.sgd_momentum_step(params, grads, state, lr, momentum)
    return {k: p - lr * grads[k] for k, p in params.items()}, v


@_mistake(
    "sgd_momentum_step",
    "in_place",
    "the parameters are changed in place",
    "Make new arrays: p + v, not p += v.",
    changes_arguments=True,
)
def _sgd_momentum_step_in_place(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    _new, v = reference.sgd_momentum_step(params, grads, state, lr, momentum)
    for k in params:
        params[k] += v[k]
    return params, v


@_mistake(
    "sgd_momentum_step",
    "state_in_place",
    "the old state is changed in place",
    "Make a new dictionary for the new velocity.",
    changes_arguments=True,
)
def _sgd_momentum_step_state_in_place(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    new, v = reference.sgd_momentum_step(params, grads, state, lr, momentum)
    state.update(v)
    return new, state


@_mistake(
    "sgd_momentum_step",
    "first_array_only",
    "only the first array moves",
    "Every array in params moves.",
)
def _sgd_momentum_step_first_array_only(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    new, v = reference.sgd_momentum_step(params, grads, state, lr, momentum)
    first = next(iter(params))
    return {k: new[k] if k == first else p.copy() for k, p in params.items()}, v


@_mistake(
    "init_convnet",
    "no_scale",
    "the weights have the standard deviation 1",
    "How large would the sums of many such weights be?",
)
def _init_convnet_no_scale(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    rng = np.random.default_rng(seed)
    return {k: rng.standard_normal(v.shape) if k.endswith("_w") else v for k, v in params.items()}


@_mistake(
    "init_convnet",
    "small_scale",
    "the weights have the standard deviation 0.01, whatever the layer",
    "The scale depends on the number of inputs of one output.",
)
def _init_convnet_small_scale(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    rng = np.random.default_rng(seed)
    return {
        k: 0.01 * rng.standard_normal(v.shape) if k.endswith("_w") else v for k, v in params.items()
    }


@_mistake(
    "init_convnet",
    "root_missing",
    "the root of 2 / fan_in is not taken",
    "That is the variance; multiply with the standard deviation.",
)
def _init_convnet_root_missing(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    return {k: v * v.std() if k.endswith("_w") else v for k, v in params.items()}


@_mistake(
    "init_convnet",
    "one_over_fan_in",
    "the variance is 1 / fan_in",
    "ReLU throws half away, hence the 2.",
)
def _init_convnet_one_over_fan_in(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    return {k: v / np.sqrt(2) for k, v in params.items()}


@_mistake(
    "init_convnet",
    "random_biases",
    "the biases are random too",
    "Biases start at zero.",
)
def _init_convnet_random_biases(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    rng = np.random.default_rng(seed)
    return {k: v if k.endswith("_w") else rng.standard_normal(v.shape) for k, v in params.items()}


@_mistake(
    "init_convnet",
    "seed_ignored",
    "the seed is ignored",
    "np.random.default_rng(seed) starts where the seed says.",
)
def _init_convnet_seed_ignored(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    return reference.init_convnet(input_shape, filters, kernel, hidden, classes, 0)


@_mistake(
    "init_convnet",
    "uniform",
    "the weights are uniformly distributed",
    "A normal distribution is asked for.",
)
def _init_convnet_uniform(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    rng = np.random.default_rng(seed)
    return {
        k: rng.uniform(-1, 1, v.shape) * np.sqrt(3) * v.std() if k.endswith("_w") else v
        for k, v in params.items()
    }


@_mistake(
    "train_convnet",
    "uphill",
    "the training goes uphill",
    "Look at the sign of the step.",
)
def _train_convnet_uphill(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    return reference.train_convnet(params, x, y, -lr, momentum, batch_size, epochs, seed)


@_mistake(
    "train_convnet",
    "one_epoch",
    "the images are seen once, whatever epochs says",
    "How often should all images be seen?",
)
def _train_convnet_one_epoch(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    return reference.train_convnet(params, x, y, lr, momentum, batch_size, 1, seed)


@_mistake(
    "train_convnet",
    "last_batch_dropped",
    "the last, smaller batch is dropped",
    "What about images that do not fill a batch?",
)
def _train_convnet_last_batch_dropped(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    whole = len(x) // batch_size * batch_size
    return reference.train_convnet(
        params, x[:whole], y[:whole], lr, momentum, batch_size, epochs, seed
    )


@_mistake(
    "train_convnet",
    "old_params",
    "the parameters of the beginning are returned",
    "sgd_momentum_step returns new parameters. Do you keep them?",
)
def _train_convnet_old_params(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    _, losses = reference.train_convnet(params, x, y, lr, momentum, batch_size, epochs, seed)
    return params, losses


@_mistake(
    "train_convnet",
    "whole_batches",
    "every step sees all images",
    "A step sees batch_size images.",
)
def _train_convnet_whole_batches(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    return reference.train_convnet(params, x, y, lr, momentum, len(x), epochs, seed)


@_mistake(
    "train_convnet",
    "labels_not_shuffled",
    "the images are shuffled, and their labels are not",
    "The same order must be used for x and for y.",
)
def _train_convnet_labels_not_shuffled(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    order = np.random.default_rng(seed).permutation(len(x))
    return reference.train_convnet(params, x[order], y, lr, momentum, batch_size, epochs, seed)


@_mistake(
    "train_convnet",
    "seed_ignored",
    "the order does not depend on the seed and differs from run to run",
    "Make one generator with the seed, before the first epoch.",
)
def _train_convnet_seed_ignored(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    return reference.train_convnet(
        params, x, y, lr, momentum, batch_size, epochs, secrets.randbits(30)
    )


MISTAKES = tuple(_mistake.found)
