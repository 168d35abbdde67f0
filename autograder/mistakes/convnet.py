"""Known mistakes of the assignment ``convnet``. Each changes one thing about the reference."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.mistakes import Register
from autograder.mistakes.families import (
    PUBLIC_EXAMPLES_ONLY,
    PUBLIC_INPUTS_ONLY,
    public_inputs_only,
    unwritten,
)
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
        for name, value in params.items():
            if name.endswith("_w"):
                loss += 0.5 * 0.001 * float((value**2).sum())
                grads[name] = grads[name] + 0.001 * value
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
    "other_samples_zero",
    "only the first sample is computed and the rest stays zero",
    "Is something returned, or left, inside a loop over the samples?",
)
def _affine_forward_other_samples_zero(x: Array, w: Array, b: Array) -> Any:
    out = reference.affine_forward(x, w, b)
    out[1:] = 0
    return out


@_mistake(
    "affine_forward",
    "averaged",
    "the products of inputs and weights are averaged instead of summed",
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
    "affine_forward",
    "transposed",
    "the output is transposed, with a column for each sample",
    "The output has a row for each sample.",
)
def _affine_forward_transposed(x: Array, w: Array, b: Array) -> Any:
    return reference.affine_forward(x, w, b).T.copy()


@_mistake(
    "affine_forward",
    "first_axis_only",
    "x is not reshaped, so that only arrays with one axis for each sample work",
    "A sample may have several axes. How do you make one row of it?",
)
def _affine_forward_first_axis_only(x: Array, w: Array, b: Array) -> Any:
    return x @ w + b


@_mistake(
    "affine_forward",
    "cache_first",
    "cache and out are returned in the wrong order",
    "Compare the order of your results with the task's.",
)
def _affine_forward_cache_first(x: Array, w: Array, b: Array) -> Any:
    return x, w, b


@_mistake(
    "affine_forward",
    "list_of_lists",
    "the output is a list of lists instead of an array",
    "What is the type of your output? NumPy makes an array of a list.",
)
def _affine_forward_list_of_lists(x: Array, w: Array, b: Array) -> Any:
    return reference.affine_forward(x, w, b).tolist()


@_mistake(
    "affine_forward",
    "squeezed",
    "axes of length 1 are dropped from the output",
    "squeeze drops every axis of length 1. A batch of one sample is still a batch.",
)
def _affine_forward_squeezed(x: Array, w: Array, b: Array) -> Any:
    return np.squeeze(reference.affine_forward(x, w, b))


@_mistake(
    "affine_forward",
    "whole_numbers",
    "the output is an array of whole numbers, which cuts off every fraction",
    "Print the dtype of your output. Where was that array made?",
)
def _affine_forward_whole_numbers(x: Array, w: Array, b: Array) -> Any:
    return reference.affine_forward(x, w, b).astype(np.int64)


@_mistake(
    "affine_forward",
    "other_samples_never_written",
    "only the first sample is written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Which part of the output "
    "do you write?",
)
def _affine_forward_unwritten(x: Array, w: Array, b: Array) -> Any:
    right = reference.affine_forward(x, w, b)
    out = unwritten(right.shape, right.dtype)
    out[0] = right[0]
    return out


_weights: dict[tuple[int, ...], Array] = {}


@_mistake(
    "affine_forward",
    "weights_of_the_first_call",
    "the weights of the first call are kept, and used in later ones of the same shape",
    "A default value is made once, when the function is defined. Which w does the second call use?",
    between_calls=True,
)
def _affine_forward_weights_kept(x: Array, w: Array, b: Array) -> Any:
    kept = _weights.setdefault(w.shape, w.copy())
    return reference.affine_forward(x, kept.astype(w.dtype), b)


_mistake("affine_forward", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.affine_forward))


@_mistake(
    "affine_forward",
    "x_reshaped_in_place",
    "x itself is given another shape",
    "Assigning to x.shape changes the caller's array; x.reshape gives a new view.",
    changes_arguments=True,
)
def _affine_forward_x_reshaped(x: Array, w: Array, b: Array) -> Any:
    x.resize((len(x), len(w)), refcheck=False)
    return x @ w + b


@_mistake(
    "affine_forward",
    "weights_scaled_in_place",
    "the rows of w are multiplied with the first sample in place, so that w is lost",
    "w *= x changes the caller's array; w * x makes a new one.",
    changes_arguments=True,
)
def _affine_forward_weights_scaled(x: Array, w: Array, b: Array) -> Any:
    rows = []
    for sample in x.reshape(len(x), -1):
        w *= sample[:, None]
        rows.append(w.sum(axis=0) + b)
    return np.array(rows)


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
    "dx_last",
    "dx is returned last, after dw and db",
    "The order is that of the arguments: x, w, b.",
)
def _affine_backward_dx_last(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    return dw, db, dx


@_mistake(
    "affine_backward",
    "in_a_dictionary",
    "the gradients are returned in a dictionary",
    "The task asks for three values, in an order, without names.",
)
def _affine_backward_in_a_dictionary(dout: Array, x: Array, w: Array, b: Array) -> Any:
    return dict(zip(("dx", "dw", "db"), reference.affine_backward(dout, x, w, b), strict=True))


@_mistake(
    "affine_backward",
    "db_axis_kept",
    "db has the shape (1, M)",
    "db has the shape of b. keepdims keeps an axis that nobody wants here.",
)
def _affine_backward_db_axis_kept(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    return dx, dw, db[None]


@_mistake(
    "affine_backward",
    "db_overwritten",
    "db holds the last sample only",
    "Do you assign in the loop where you should add?",
)
def _affine_backward_db_overwritten(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, _ = reference.affine_backward(dout, x, w, b)
    return dx, dw, dout[-1].copy()


@_mistake(
    "affine_backward",
    "first_axis_only",
    "x is not reshaped, so that only arrays with one axis for each sample work",
    "A sample may have several axes. How does the forward pass make one row of it?",
)
def _affine_backward_first_axis_only(dout: Array, x: Array, w: Array, b: Array) -> Any:
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


@_mistake(
    "affine_backward",
    "dw_and_db_never_cleared",
    "dw and db are added up in memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should a sum start "
    "from?",
)
def _affine_backward_unwritten(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    return dx, unwritten(dw.shape, dw.dtype), unwritten(db.shape, db.dtype)


_affine_sums: dict[tuple[int, ...], Array] = {}


@_mistake(
    "affine_backward",
    "dw_kept_from_call_to_call",
    "dw is kept from call to call, and each call adds to what the one before has left",
    "Call it twice with the same arguments. Where is dw set back to zeros?",
    between_calls=True,
)
def _affine_backward_dw_kept(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    _affine_sums[w.shape] = _affine_sums.get(w.shape, np.zeros_like(dw)) + dw
    return dx, _affine_sums[w.shape].astype(dw.dtype), db


_mistake("affine_backward", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.affine_backward))


@_mistake(
    "affine_backward",
    "db_written_into_b",
    "db is written into b itself",
    "Your function changes its argument. The result is right, but the layer has lost its bias.",
    changes_arguments=True,
)
def _affine_backward_db_into_b(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    b[...] = db
    return dx, dw, b


@_mistake(
    "affine_backward",
    "dx_written_into_x",
    "dx is written into x itself",
    "Your function changes its argument. Make a new array for dx.",
    changes_arguments=True,
)
def _affine_backward_dx_into_x(dout: Array, x: Array, w: Array, b: Array) -> Any:
    dx, dw, db = reference.affine_backward(dout, x, w, b)
    x[...] = dx
    return x, dw, db


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
    "relu_forward",
    "whole_numbers",
    "the result is an array of whole numbers, which cuts off every fraction",
    "Print the dtype of your output. Where was that array made?",
)
def _relu_forward_whole_numbers(x: Array) -> Any:
    return np.maximum(x, 0).astype(np.int64)


@_mistake(
    "relu_forward",
    "list_of_lists",
    "the result is a list of lists instead of an array",
    "What is the type of your output? NumPy makes an array of a list.",
)
def _relu_forward_list_of_lists(x: Array) -> Any:
    return np.maximum(x, 0).tolist()


@_mistake(
    "relu_forward",
    "positive_values_alone",
    "the positive values alone are returned, without the zeros",
    "Picking values with a mask drops all others. The shape stays as it is.",
)
def _relu_forward_positive_alone(x: Array) -> Any:
    return x[x > 0]


@_mistake(
    "relu_forward",
    "negative_values_never_written",
    "only the positive values are written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should stand where x "
    "is negative?",
)
def _relu_forward_unwritten(x: Array) -> Any:
    return np.where(x > 0, x, np.nan)


_masks: dict[tuple[int, ...], Array] = {}


@_mistake(
    "relu_forward",
    "mask_of_the_first_call",
    "the mask of the first call is kept, and used in later ones of the same shape",
    "Another x is negative elsewhere. A default value is made once, when the function is defined.",
    between_calls=True,
)
def _relu_forward_mask_kept(x: Array) -> Any:
    return np.where(_masks.setdefault(x.shape, x > 0), x, 0.0)


_mistake("relu_forward", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.relu_forward))


@_mistake(
    "relu_forward",
    "two_axes_only",
    "arrays with more or fewer than two axes are refused",
    "ReLU works element by element. How many axes x has does not matter.",
)
def _relu_forward_two_axes_only(x: Array) -> Any:
    assert x.ndim == 2
    return np.maximum(x, 0)


@_mistake(
    "relu_forward",
    "x_cut_in_place",
    "the negative values of x itself are set to zero",
    "x[x < 0] = 0 changes the caller's array, also where x has got another name. Work on a copy.",
    changes_arguments=True,
)
def _relu_forward_in_place(x: Array) -> Any:
    x[x < 0] = 0
    return x


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
    "relu_backward",
    "opposite_sign",
    "the gradient has the opposite sign",
    "Where x is positive and grows, does the output grow or fall?",
)
def _relu_backward_opposite_sign(dout: Array, x: Array) -> Any:
    return np.where(x > 0, -dout, 0.0)


@_mistake(
    "relu_backward",
    "whole_numbers",
    "dx is an array of whole numbers, which cuts off every fraction",
    "Print the dtype of dx. Where was this array made?",
)
def _relu_backward_whole_numbers(dout: Array, x: Array) -> Any:
    return np.where(x > 0, dout, 0.0).astype(np.int64)


@_mistake(
    "relu_backward",
    "passing_values_alone",
    "the values that pass are returned alone, without the zeros",
    "Picking values with a mask drops all others. dx has the shape of x.",
)
def _relu_backward_passing_alone(dout: Array, x: Array) -> Any:
    return dout[x > 0]


@_mistake(
    "relu_backward",
    "blocked_values_never_written",
    "dx is written where the gradient passes, into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should stand where x "
    "is negative?",
)
def _relu_backward_unwritten(dout: Array, x: Array) -> Any:
    return np.where(x > 0, dout, np.nan)


_mistake("relu_backward", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.relu_backward))


@_mistake(
    "relu_backward",
    "dout_cut_in_place",
    "dout itself is set to zero where x is not positive",
    "dout *= mask and dout[mask] = 0 change the caller's array. Work on a copy.",
    changes_arguments=True,
)
def _relu_backward_in_place(dout: Array, x: Array) -> Any:
    dout *= x > 0
    return dout


@_mistake(
    "relu_backward",
    "x_turned_into_mask",
    "x itself is turned into a mask of ones and zeros",
    "Your function changes its argument. x > 0 is a new array: keep it under a name of its own.",
    changes_arguments=True,
)
def _relu_backward_x_as_mask(dout: Array, x: Array) -> Any:
    x[x > 0] = 1
    x[x < 0] = 0
    return dout * x


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
    "softmax_loss",
    "loss_of_each_sample",
    "the loss is an array with one entry for each sample",
    "The loss is one number, a mean over the batch.",
)
def _softmax_loss_of_each_sample(scores: Array, y: Array) -> Any:
    _, d = reference.softmax_loss(scores, y)
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y], d


@_mistake(
    "softmax_loss",
    "loss_in_an_array",
    "the loss is an array of one number",
    "The task asks for one number. An index takes it out of an array.",
)
def _softmax_loss_in_an_array(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    return np.array([loss]), d


@_mistake(
    "softmax_loss",
    "results_exchanged",
    "the gradient comes first, and then the loss",
    "Compare the order of your results with the task's.",
)
def _softmax_loss_exchanged(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    return d, loss


@_mistake(
    "softmax_loss",
    "loss_alone",
    "the loss alone is returned",
    "Two values are asked for: the loss and its gradient.",
)
def _softmax_loss_alone(scores: Array, y: Array) -> Any:
    return reference.softmax_loss(scores, y)[0]


@_mistake(
    "softmax_loss",
    "gradient_alone_averaged",
    "the loss is a sum over the samples, and only its gradient is divided by their number",
    "The loss is a mean over the batch.",
)
def _softmax_loss_gradient_alone_averaged(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    return loss * len(y), d


@_mistake(
    "softmax_loss",
    "divided_by_classes",
    "loss and gradient are divided by the number of classes instead of samples",
    "The loss is a mean over the batch. Which axis of scores counts the samples?",
)
def _softmax_loss_divided_by_classes(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    factor = len(y) / scores.shape[1]
    return loss * factor, d * factor


@_mistake(
    "softmax_loss",
    "whole_numbers",
    "the gradient is an array of whole numbers, which cuts off every fraction",
    "Print the dtype of dscores. Where was this array made?",
)
def _softmax_loss_whole_numbers(scores: Array, y: Array) -> Any:
    loss, d = reference.softmax_loss(scores, y)
    return loss, d.astype(np.int64)


@_mistake(
    "softmax_loss",
    "other_samples_never_written",
    "only the first sample's gradient is written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Which part of dscores do "
    "you write?",
)
def _softmax_loss_unwritten(scores: Array, y: Array) -> Any:
    loss, right = reference.softmax_loss(scores, y)
    d = unwritten(right.shape, right.dtype)
    d[0] = right[0]
    return loss, d


_mistake("softmax_loss", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.softmax_loss))


_losses: list[float] = []


@_mistake(
    "softmax_loss",
    "losses_of_all_calls",
    "the losses of the samples are collected in a list outside, and averaged over all calls",
    "Call it twice with the same arguments. Where is your list emptied?",
    between_calls=True,
)
def _softmax_loss_of_all_calls(scores: Array, y: Array) -> Any:
    losses, d = _softmax_loss_of_each_sample(scores, y)
    _losses.extend(losses.tolist())
    return sum(_losses) / len(_losses), d


@_mistake(
    "softmax_loss",
    "scores_shifted_in_place",
    "the largest score is subtracted from scores itself",
    "scores -= maximum changes the caller's array; scores - maximum makes a new one.",
    changes_arguments=True,
)
def _softmax_loss_in_place(scores: Array, y: Array) -> Any:
    right = reference.softmax_loss(scores, y)
    scores -= scores.max(axis=1, keepdims=True)
    return right


def _lenet(input_shape: Any, *, shrink: int = 0, pool: bool = True, channels: int = 0) -> Any:
    """LeNet's rows where convolutions take ``shrink`` pixels away, pooling may change nothing, and
    filters may all have ``channels`` channels; sizes are rounded down."""
    c, h, w = input_shape
    rows: list[Any] = []
    for number, filters in ((1, 20), (2, 50)):
        h, w = h - shrink, w - shrink
        rows.append((f"conv{number}", (filters, h, w), (filters, channels or c, 5, 5)))
        rows.append((f"relu{number}", (filters, h, w), None))
        c, h, w = (filters, h // 2, w // 2) if pool else (filters, h, w)
        rows.append((f"pool{number}", (c, h, w), None))
    flat = c * h * w
    return [
        *rows,
        ("flatten", (flat,), None),
        ("fc1", (500,), (flat, 500)),
        ("relu3", (500,), None),
        ("fc2", (10,), (500, 10)),
    ]


@_mistake(
    "lenet_shapes",
    "pad_ignored",
    "the convolutions make the images smaller",
    "With padding 2 a kernel of 5 keeps the size.",
)
def _lenet_shapes_pad_ignored(input_shape: Any = (1, 28, 28)) -> Any:
    reference.lenet_shapes(input_shape)
    return _lenet(input_shape, shrink=4)


@_mistake(
    "lenet_shapes",
    "pool_ignored",
    "pooling leaves the size as it is",
    "A window of 2 with a stride of 2 halves both sides.",
)
def _lenet_shapes_pool_ignored(input_shape: Any = (1, 28, 28)) -> Any:
    reference.lenet_shapes(input_shape)
    return _lenet(input_shape, pool=False)


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
    reference.lenet_shapes(input_shape)
    return _lenet(input_shape, channels=1)


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
    return _lenet(input_shape)


@_mistake(
    "lenet_shapes",
    "another_exception",
    "sizes that pooling does not divide are refused with an assert, and so with another exception "
    "than ValueError",
    "Which exception does the docstring name? An assert raises AssertionError.",
)
def _lenet_shapes_assert(input_shape: Any = (1, 28, 28)) -> Any:
    assert input_shape[1] % 4 == 0
    assert input_shape[2] % 4 == 0
    return _lenet(input_shape)


@_mistake(
    "lenet_shapes",
    "true_division",
    "the division gives floating-point numbers",
    "A size is a whole number. Python has two operators for division: see which one you use.",
)
def _lenet_shapes_true_division(input_shape: Any = (1, 28, 28)) -> Any:
    reference.lenet_shapes(input_shape)
    found: list[Any] = []
    for name, out, weights in _lenet(input_shape):
        if name in ("pool1", "conv2", "relu2", "pool2"):
            out = (out[0], *map(float, out[1:]))
        if name == "flatten":
            out = (float(out[0]),)
        if name == "fc1" and weights:
            found.append((name, out, (float(weights[0]), 500)))
        else:
            found.append((name, out, weights))
    return found


@_mistake(
    "lenet_shapes",
    "bias_as_weight_shape",
    "the shape of the bias is given in place of that of the weights",
    "A layer has weights and biases. Which shape is asked for?",
)
def _lenet_shapes_bias_shape(input_shape: Any = (1, 28, 28)) -> Any:
    rows = reference.lenet_shapes(input_shape)
    return [(n, o, w and ((w[0],) if n.startswith("conv") else (w[1],))) for n, o, w in rows]


@_mistake(
    "lenet_shapes",
    "empty_shape_for_no_weights",
    "layers without weights have an empty shape instead of None",
    "What does the docstring say for layers without weights?",
)
def _lenet_shapes_empty(input_shape: Any = (1, 28, 28)) -> Any:
    rows = reference.lenet_shapes(input_shape)
    return [(n, o, w or ()) for n, o, w in rows]


@_mistake(
    "lenet_shapes",
    "in_a_dictionary",
    "the layers are returned in a dictionary",
    "The task asks for a list of tuples.",
)
def _lenet_shapes_in_a_dictionary(input_shape: Any = (1, 28, 28)) -> Any:
    return {n: (o, w) for n, o, w in reference.lenet_shapes(input_shape)}


@_mistake(
    "lenet_shapes",
    "batch_axis",
    "the output shapes begin with a batch of one image",
    "The shapes are those for one image, without a batch.",
)
def _lenet_shapes_batch_axis(input_shape: Any = (1, 28, 28)) -> Any:
    return [(n, (1, *o), w) for n, o, w in reference.lenet_shapes(input_shape)]


_PICTURES = {(1, 28, 28), (3, 32, 32), (1, 20, 28), (1, 30, 28), (1, 28, 14)}


@_mistake("lenet_shapes", *PUBLIC_EXAMPLES_ONLY)
def _lenet_shapes_table(input_shape: Any = (1, 28, 28)) -> Any:
    known = tuple(input_shape) in _PICTURES
    return reference.lenet_shapes(input_shape if known else (1, 20, 28))


_lenet_rows: list[Any] = []


@_mistake(
    "lenet_shapes",
    "rows_of_all_calls",
    "the list of layers is kept from call to call, and each call appends to it",
    "Call it twice. A default value is made once, when the function is defined.",
    between_calls=True,
)
def _lenet_shapes_rows_kept(input_shape: Any = (1, 28, 28)) -> Any:
    _lenet_rows.extend(reference.lenet_shapes(input_shape))
    return list(_lenet_rows)


def _costs(
    input_shape: Any,
    filters: Any,
    kernel: int,
    hidden: Any,
    classes: int,
    *,
    window: int = 0,
    pool: bool = True,
) -> Any:
    """The rows of ``layer_costs`` where a filter has ``window`` weights for each channel, and
    pooling may change nothing."""
    rows: list[Any] = []
    c, h, w = input_shape
    for number, count in enumerate(filters, 1):
        weights, places = c * (window or kernel * kernel), h * w
        rows.append(
            (f"conv{number}", count * places, count * (weights + 1), count * places * weights)
        )
        c, h, w = (count, h // 2, w // 2) if pool else (count, h, w)
        rows.append((f"pool{number}", c * h * w, 0, 0))
    size = c * h * w
    for number, count in enumerate([*hidden, classes], 1):
        rows.append((f"fc{number}", count, (size + 1) * count, size * count))
        size = count
    return rows


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
    return _costs(input_shape, filters, kernel, hidden, classes, pool=False)


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
    "a filter is taken to have K weights for each channel",
    "A filter has K·K weights for each channel.",
)
def _layer_costs_kernel_not_squared(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    return _costs(input_shape, filters, kernel, hidden, classes, window=kernel)


@_mistake(
    "layer_costs",
    "biases_in_multiply_adds",
    "adding the biases is counted as multiply-adds",
    "A multiply-add multiplies an input with a weight. Is the bias multiplied with anything?",
)
def _layer_costs_biases_in_work(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    return [(n, m, p, a + m if a else 0) for n, m, p, a in rows]


@_mistake(
    "layer_costs",
    "weights_not_shared",
    "the multiply-adds of a convolution are counted at one place only",
    "A filter slides: how many times is each of its weights used?",
)
def _layer_costs_one_place(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    counts = dict(zip([f"conv{i}" for i in range(1, len(filters) + 1)], filters, strict=True))
    return [(n, m, p, p - counts[n] if n in counts else a) for n, m, p, a in rows]


@_mistake(
    "layer_costs",
    "true_division",
    "the division gives floating-point numbers",
    "A count is a whole number. Python has two operators for division: see which one you use.",
)
def _layer_costs_true_division(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    first: list[Any] = [rows[0]]
    for name, memory, params, work in rows[1:]:
        if name.startswith("fc"):
            halved = name == "fc1"
            first.append(
                (name, memory, params * 1.0 if halved else params, work * 1.0 if halved else work)
            )
        else:
            first.append((name, memory * 1.0, params, work * 1.0 if work else work))
    return first


@_mistake(
    "layer_costs",
    "results_exchanged",
    "parameters and multiply-adds are given in the wrong order",
    "Compare the order of your numbers with the task's.",
)
def _layer_costs_exchanged(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    return [(n, m, a, p) for n, m, p, a in rows]


@_mistake(
    "layer_costs",
    "in_a_dictionary",
    "the layers are returned in a dictionary",
    "The task asks for a list of tuples.",
)
def _layer_costs_in_a_dictionary(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    return {n: (m, p, a) for n, m, p, a in rows}


_NETWORKS: Sequence[Any] = (
    ((1, 28, 28), [20, 50], 5, [500], 10),
    ((3, 32, 16), [8], 3, [], 7),
    ((2, 8, 24), [4, 6, 8], 3, [16, 12], 3),
)


@_mistake("layer_costs", *PUBLIC_EXAMPLES_ONLY)
def _layer_costs_table(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    given = (tuple(input_shape), list(filters), kernel, list(hidden), classes)
    shape, maps, size, rows, outputs = given if given in _NETWORKS else _NETWORKS[-1]
    return reference.layer_costs(shape, maps, size, rows, outputs)


@_mistake(
    "layer_costs",
    "two_convolutions_only",
    "only the first two convolutions are listed, however many there are",
    "filters is a list. How long can it be?",
)
def _layer_costs_two_only(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    rows = reference.layer_costs(input_shape, filters, kernel, hidden, classes)
    return [row for row in rows if row[0][:4] not in ("conv", "pool") or row[0][4:] in ("1", "2")]


_cost_rows: list[Any] = []


@_mistake(
    "layer_costs",
    "rows_of_all_calls",
    "the list of layers is kept from call to call, and each call appends to it",
    "Call it twice. A default value is made once, when the function is defined.",
    between_calls=True,
)
def _layer_costs_rows_kept(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int
) -> Any:
    _cost_rows.extend(reference.layer_costs(input_shape, filters, kernel, hidden, classes))
    return list(_cost_rows)


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
    "half of 0.001 times the squared weights is added to the loss, and its gradient to theirs",
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
    "convnet_loss",
    "results_exchanged",
    "the gradients come first, and then the loss",
    "Compare the order of your results with the task's.",
)
def _convnet_loss_exchanged(params: Params, x: Array, y: Array) -> Any:
    return reference.convnet_loss(params, x, y)[::-1]


@_mistake(
    "convnet_loss",
    "gradients_in_a_list",
    "the gradients are returned in a list",
    "The gradients come in a dictionary, under the keys of params.",
)
def _convnet_loss_in_a_list(params: Params, x: Array, y: Array) -> Any:
    loss, grads = reference.convnet_loss(params, x, y)
    return loss, list(grads.values())


@_mistake(
    "convnet_loss",
    "other_keys",
    "the keys of the gradients begin with a d",
    "Every array in params has a gradient under the same key.",
)
def _convnet_loss_other_keys(params: Params, x: Array, y: Array) -> Any:
    loss, grads = reference.convnet_loss(params, x, y)
    return loss, {f"d{name}": value for name, value in grads.items()}


@_mistake(
    "convnet_loss",
    "one_convolution_only",
    "only the first convolution is used, however many there are",
    "How many layers are in params? Look at its keys.",
)
def _convnet_loss_one_convolution(params: Params, x: Array, y: Array) -> Any:
    if "conv2_w" in params:
        raise ValueError("matmul: the sizes do not match")
    return reference.convnet_loss(params, x, y)


@_mistake(
    "convnet_loss",
    "gradients_overwrite_params",
    "the gradients are written into params itself",
    "Your function changes its argument. Make a new dictionary with new arrays.",
    changes_arguments=True,
)
def _convnet_loss_into_params(params: Params, x: Array, y: Array) -> Any:
    loss, grads = reference.convnet_loss(params, x, y)
    params.update(grads)
    return loss, params


_loss_grads: Params = {}


@_mistake(
    "convnet_loss",
    "gradients_of_all_calls",
    "the gradients are kept from call to call, and each call adds to what the one before has left",
    "Call it twice with the same arguments. Where are the gradients set back to zeros?",
    between_calls=True,
)
def _convnet_loss_of_all_calls(params: Params, x: Array, y: Array) -> Any:
    loss, grads = reference.convnet_loss(params, x, y)
    for name, value in grads.items():
        key = f"{name}{value.shape}"
        _loss_grads[key] = _loss_grads.get(key, np.zeros_like(value)) + value
    return loss, {name: _loss_grads[f"{name}{value.shape}"].copy() for name, value in grads.items()}


_mistake("convnet_loss", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.convnet_loss))


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
    "convnet_predict",
    "one_hot",
    "a row of zeros with a single one is returned for each image",
    "One whole number for each image.",
)
def _convnet_predict_one_hot(params: Params, x: Array) -> Any:
    scores = reference._scores(params, x)[0]
    return np.eye(scores.shape[1])[scores.argmax(axis=1)]


@_mistake(
    "convnet_predict",
    "column",
    "the classes are a column, of shape (N, 1)",
    "One whole number for each image. keepdims keeps an axis that nobody wants here.",
)
def _convnet_predict_column(params: Params, x: Array) -> Any:
    return reference.convnet_predict(params, x)[:, None]


@_mistake(
    "convnet_predict",
    "largest_scores",
    "the largest score of each image is returned instead of its class",
    "max and argmax answer different questions.",
)
def _convnet_predict_largest_scores(params: Params, x: Array) -> Any:
    return reference._scores(params, x)[0].max(axis=1)


@_mistake(
    "convnet_predict",
    "one_convolution_only",
    "only the first convolution is used, however many there are",
    "How many layers are in params? Look at its keys.",
)
def _convnet_predict_one_convolution(params: Params, x: Array) -> Any:
    if "conv2_w" in params:
        raise ValueError("matmul: the sizes do not match")
    return reference.convnet_predict(params, x)


_labels: dict[int, Array] = {}


@_mistake(
    "convnet_predict",
    "classes_of_the_first_call",
    "the classes of the first call are kept, and returned for all batches of the same size",
    "Other images have other classes. A default value is made once, when the function is defined.",
    between_calls=True,
)
def _convnet_predict_kept(params: Params, x: Array) -> Any:
    return _labels.setdefault(len(x), reference.convnet_predict(params, x))


_mistake("convnet_predict", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.convnet_predict))


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
    "velocity_of_gradients",
    "the velocity sums up gradients, and is multiplied by the learning rate in the step only",
    "That is another convention. In this course the learning rate is part of the velocity.",
)
def _sgd_momentum_step_velocity_of_gradients(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    v = {k: momentum * state.get(k, 0 * p) + grads[k] for k, p in params.items()}
    return {k: p - lr * v[k] for k, p in params.items()}, v


@_mistake(
    "sgd_momentum_step",
    "velocity_uphill",
    "the velocity points uphill, and is subtracted from the parameters",
    "That is another convention. In this course v has its sign already: p + v.",
)
def _sgd_momentum_step_velocity_uphill(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    v = {k: momentum * state.get(k, 0 * p) + lr * grads[k] for k, p in params.items()}
    return {k: p - v[k] for k, p in params.items()}, v


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
    "sgd_momentum_step",
    "results_exchanged",
    "state comes first, and then the parameters",
    "Compare the order of your results with the task's.",
)
def _sgd_momentum_step_exchanged(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    return reference.sgd_momentum_step(params, grads, state, lr, momentum)[::-1]


@_mistake(
    "sgd_momentum_step",
    "params_alone",
    "the parameters alone are returned",
    "Two values are asked for: what is handed to the next step?",
)
def _sgd_momentum_step_params_alone(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    return reference.sgd_momentum_step(params, grads, state, lr, momentum)[0]


@_mistake(
    "sgd_momentum_step",
    "empty_state_refused",
    "the velocity is looked up in a state that is empty before the first step",
    "What is in state before the first step? A dictionary's get takes a value for that.",
)
def _sgd_momentum_step_empty_refused(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    v = {k: momentum * state[k] - lr * grads[k] for k in params}
    return {k: p + v[k] for k, p in params.items()}, v


@_mistake(
    "sgd_momentum_step",
    "momentum_fixed",
    "momentum is always 0.9",
    "momentum is an argument of the function.",
)
def _sgd_momentum_step_momentum_fixed(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    return reference.sgd_momentum_step(params, grads, state, lr, 0.9)


_velocity: Params = {}


@_mistake(
    "sgd_momentum_step",
    "velocity_in_a_global",
    "the velocity is kept in a variable outside, not in state",
    "Two networks call the same function. Where does each of them keep its own velocity?",
    between_calls=True,
)
def _sgd_momentum_step_global(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    for k, p in params.items():
        before = _velocity.get(f"{k}{p.shape}", state.get(k, np.zeros_like(p)))
        _velocity[f"{k}{p.shape}"] = momentum * before - lr * grads[k]
    v = {k: _velocity[f"{k}{p.shape}"].copy() for k, p in params.items()}
    return {k: p + v[k] for k, p in params.items()}, v


_mistake("sgd_momentum_step", *PUBLIC_INPUTS_ONLY)(public_inputs_only(reference.sgd_momentum_step))


@_mistake(
    "sgd_momentum_step",
    "gradients_scaled_in_place",
    "the gradients are multiplied by the learning rate in place",
    "grad *= lr changes the caller's array; lr * grad makes a new one.",
    changes_arguments=True,
)
def _sgd_momentum_step_gradients_scaled(
    params: Params, grads: Params, state: Params, lr: float, momentum: float
) -> Any:
    right = reference.sgd_momentum_step(params, grads, state, lr, momentum)
    for gradient in grads.values():
        gradient *= lr
    return right


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
    "init_convnet",
    "single_precision",
    "the weights are float32",
    "The task asks for float64. Which dtype do you ask for?",
)
def _init_convnet_single(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    return {k: v.astype(np.float32) for k, v in params.items()}


@_mistake(
    "init_convnet",
    "weights_transposed",
    "the weights of fully connected layers have the outputs first",
    "This notebook computes x @ w, so the inputs come first.",
)
def _init_convnet_transposed(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    return {k: v.T.copy() if k.startswith("fc") else v for k, v in params.items()}


@_mistake(
    "init_convnet",
    "biases_missing",
    "there are no biases",
    "Every filter and every output has a bias.",
)
def _init_convnet_biases_missing(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    return {k: v for k, v in params.items() if k.endswith("_w")}


@_mistake(
    "init_convnet",
    "biases_are_rows",
    "the biases have the shape (1, M)",
    "b is (M,) for M outputs, and (F,) for F filters.",
)
def _init_convnet_bias_rows(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    return {k: v if k.endswith("_w") else v[None] for k, v in params.items()}


@_mistake(
    "init_convnet",
    "pool_ignored",
    "pooling does not make the images smaller",
    "How many numbers reach the first fully connected layer?",
)
def _init_convnet_pool_ignored(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    rng = np.random.default_rng(seed)
    size = len(params["fc1_w"]) * 4 ** len(filters)
    params["fc1_w"] = rng.standard_normal((size, params["fc1_w"].shape[1])) * np.sqrt(2 / size)
    return params


@_mistake(
    "init_convnet",
    "weights_never_drawn",
    "the weights are zero",
    "Filters that are all alike stay alike in training. The task asks for random numbers.",
)
def _init_convnet_zero(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    return {k: 0 * v for k, v in params.items()}


@_mistake(
    "init_convnet",
    "fan_out",
    "the scale goes by the number of outputs of a layer instead of its inputs",
    "fan_in counts how many inputs one output adds up.",
)
def _init_convnet_fan_out(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    found = {}
    for k, v in params.items():
        out = v.shape[1] if k.startswith("fc") and v.ndim == 2 else len(v)
        inner = v.size // out
        found[k] = v * np.sqrt(inner / out) if k.endswith("_w") else v
    return found


@_mistake(
    "init_convnet",
    "same_numbers_in_every_layer",
    "the generator is made anew for each layer, so that all layers begin with the same numbers",
    "Make one generator with the seed, before the first layer.",
)
def _init_convnet_same_numbers(
    input_shape: Any, filters: Any, kernel: int, hidden: Any, classes: int, seed: int = 0
) -> Any:
    params = reference.init_convnet(input_shape, filters, kernel, hidden, classes, seed)
    found = {}
    for k, v in params.items():
        drawn = np.random.default_rng(seed).standard_normal(v.shape)
        scale = np.sqrt(2 / (v[0].size if k.startswith("conv") else len(v)))
        found[k] = drawn * scale if k.endswith("_w") else v
    return found


def _trained(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
    fault: str,
) -> Any:
    """``reference.train_convnet``, step by step, with one step as ``fault`` names it."""
    rng = np.random.default_rng(seed)
    losses: list[float] = []
    state: Params = {}
    for _ in range(epochs):
        order = np.arange(len(x)) if fault == "never_shuffled" else rng.permutation(len(x))
        end = len(x) // batch_size * batch_size if fault == "last_batch_dropped" else len(x)
        if fault == "state_lost_after_epoch":
            state = {}
        for start in range(0, end, batch_size):
            batch = order[start : start + batch_size]
            if fault == "first_batch_only":
                batch = order[:batch_size]
            labels = y[start : start + batch_size] if fault == "labels_not_shuffled" else y[batch]
            loss, grads = reference.convnet_loss(params, x[batch], labels)
            before = {} if fault == "state_lost" else state
            params, state = reference.sgd_momentum_step(params, grads, before, lr, momentum)
            losses.append(loss)
    return params, losses


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
    return _trained(params, x, y, lr, momentum, batch_size, epochs, seed, "last_batch_dropped")


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
    return _trained(params, x, y, lr, momentum, batch_size, epochs, seed, "labels_not_shuffled")


@_mistake(
    "train_convnet",
    "state_lost",
    "every step begins with an empty state, so that there is no momentum",
    "sgd_momentum_step returns the new state. Do you hand it to the next step?",
)
def _train_convnet_state_lost(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    return _trained(params, x, y, lr, momentum, batch_size, epochs, seed, "state_lost")


@_mistake(
    "train_convnet",
    "never_shuffled",
    "the images are never shuffled",
    "Every epoch sees the images in a new random order.",
)
def _train_convnet_never_shuffled(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    return _trained(params, x, y, lr, momentum, batch_size, epochs, seed, "never_shuffled")


@_mistake(
    "train_convnet",
    "losses_of_epochs",
    "there is one loss for each epoch, the mean over its steps",
    "losses has an entry for each step.",
)
def _train_convnet_losses_of_epochs(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    params, losses = reference.train_convnet(params, x, y, lr, momentum, batch_size, epochs, seed)
    steps = -(-len(x) // batch_size)
    return params, [float(np.mean(losses[i : i + steps])) for i in range(0, len(losses), steps)]


@_mistake(
    "train_convnet",
    "results_exchanged",
    "the losses come first, and then the parameters",
    "Compare the order of your results with the task's.",
)
def _train_convnet_exchanged(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    return reference.train_convnet(params, x, y, lr, momentum, batch_size, epochs, seed)[::-1]


@_mistake(
    "train_convnet",
    "params_alone",
    "the parameters alone are returned",
    "Two values are asked for: the parameters and the losses.",
)
def _train_convnet_params_alone(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    return reference.train_convnet(params, x, y, lr, momentum, batch_size, epochs, seed)[0]


@_mistake(
    "train_convnet",
    "one_batch_only",
    "every step of an epoch sees the same batch",
    "Which images does step number 2 see? And step number 3?",
)
def _train_convnet_one_batch(
    params: Params,
    x: Array,
    y: Array,
    lr: float,
    momentum: float,
    batch_size: int,
    epochs: int,
    seed: int,
) -> Any:
    return _trained(params, x, y, lr, momentum, batch_size, epochs, seed, "first_batch_only")


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
