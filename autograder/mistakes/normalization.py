"""Known mistakes of the assignment ``normalization``.

Each function takes its operator's arguments and computes what a student's code with that one
mistake returns; everything else about it is right. The five normalizations differ only in which
values share a mean, so a mistake in what they have in common is written once, for values that are
laid out in rows: one row for each mean. Mistakes that students make most often come first: where
two of them give the same result, the first explains it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.mistakes import Register
from autograder.mistakes.families import PUBLIC_INPUTS_ONLY, is_public
from autograder.reference import normalization as reference

__all__ = ["MISTAKES"]

Array = np.ndarray[Any, np.dtype[Any]]
Param = Mapping[str, Any]
Result = tuple[Array, ...]

_mistake = Register()

_WITH_STATE = ("batchnorm", "spatial_batchnorm")
_WITHOUT_STATE = ("layernorm", "instancenorm", "spatial_groupnorm")
_ALL = (*_WITH_STATE, *_WITHOUT_STATE)
_IMAGES = ("spatial_batchnorm", "instancenorm", "spatial_groupnorm")
_BATCH = tuple(f"{kind}_forward" for kind in _WITH_STATE)

_PARAM = {
    "batchnorm": "bn_param",
    "spatial_batchnorm": "bn_param",
    "layernorm": "ln_param",
    "instancenorm": "in_param",
    "spatial_groupnorm": "gn_param",
}


def _names(kind: str, *, backward: bool) -> list[str]:
    """The parameters of an operator, in order."""
    names = ["x", "gamma", "beta", *(["G"] if kind == "spatial_groupnorm" else []), _PARAM[kind]]
    return ["dout", *names] if backward else names


def _to_rows(kind: str, values: Array, groups: int) -> Array:
    """``values`` of the shape of ``x``, with a row for all those that share a mean."""
    if kind in _WITH_STATE:
        return np.moveaxis(values, 1, 0).reshape(values.shape[1], -1)
    if kind == "layernorm":
        return values
    count = values.shape[0] * (values.shape[1] if kind == "instancenorm" else groups)
    return values.reshape(count, -1)


def _from_rows(kind: str, rows: Array, shape: tuple[int, ...]) -> Array:
    """``rows`` back in the ``shape`` of ``x``."""
    if kind in _WITH_STATE:
        return np.moveaxis(rows.reshape(shape[1], shape[0], *shape[2:]), 0, 1)
    return rows.reshape(shape)


def _spread(parameter: Array, shape: tuple[int, ...]) -> Array:
    """A parameter laid along the features (axis 1) of ``shape``."""
    wide = (1, shape[1]) + (1,) * (len(shape) - 2)
    return np.broadcast_to(parameter.reshape(wide), shape)


@dataclass(frozen=True)
class _Parts:
    """What a formula needs, in rows. ``mean`` and ``var`` have one value for each row."""

    x: Array
    mean: Array
    var: Array
    gamma: Array
    beta: Array
    eps: float
    dout: Array

    @property
    def count(self) -> int:
        return int(self.x.shape[1])

    @property
    def centred(self) -> Array:
        return self.x - self.mean

    @property
    def std(self) -> Array:
        return np.asarray(np.sqrt(self.var + self.eps))

    @property
    def normalized(self) -> Array:
        return self.centred / self.std

    @property
    def dnormalized(self) -> Array:
        return self.gamma * self.dout


def _mean(rows: Array) -> Array:
    return np.asarray(rows.mean(axis=1, keepdims=True))


def _parts(kind: str, arguments: Mapping[str, Any]) -> _Parts:
    """The parts of a call; in test mode mean and variance are the running ones."""
    x, param, groups = arguments["x"], arguments[_PARAM[kind]], arguments.get("G", 1)
    if kind == "spatial_groupnorm" and x.shape[1] % groups:
        raise ValueError("the groups are not equal")
    rows = _to_rows(kind, x, groups)
    mean, var = _mean(rows), rows.var(axis=1, keepdims=True)
    if param.get("mode") == "test":
        mean, var = (value.reshape(-1, 1) for value in _given(x, param))
    gamma, beta, dout = (
        _to_rows(kind, values, groups)
        for values in (
            _spread(arguments["gamma"], x.shape),
            _spread(arguments["beta"], x.shape),
            arguments.get("dout", x),
        )
    )
    return _Parts(rows, mean, var, gamma, beta, param.get("eps", reference.EPS), dout)


Rule = Callable[[_Parts], Array]


def _right(kind: str, arguments: Mapping[str, Any], direction: str) -> Any:
    return reference.OPERATORS[f"{kind}_{direction}"](**arguments)


def _formula(
    name: str, sentence: str, hint: str, kinds: Sequence[str] = _ALL, mode: str = ""
) -> Callable[[Rule], Rule]:
    """Enter a wrong formula for ``out`` as a mistake of forward passes. ``mode`` limits it to one
    mode of batch norm; without it the formula is wrong in both."""

    def enter(rule: Rule) -> Rule:
        for kind in kinds:
            _mistake(f"{kind}_forward", name, sentence, hint)(_forward(kind, rule, mode))
        return rule

    return enter


def _forward(kind: str, rule: Rule, mode: str) -> Callable[..., Any]:
    names = _names(kind, backward=False)

    def function(*given: Any, **named: Any) -> Any:
        arguments = dict(zip(names, given, strict=False)) | named
        right = _right(kind, arguments, "forward")
        if mode and arguments[_PARAM[kind]]["mode"] != mode:
            return right
        out = _from_rows(kind, rule(_parts(kind, arguments)), arguments["x"].shape)
        out = np.ascontiguousarray(out)
        return (out, *right[1:]) if kind in _WITH_STATE else out

    return function


def _gradient(
    which: str, name: str, sentence: str, hint: str, kinds: Sequence[str] = _ALL
) -> Callable[[Rule], Rule]:
    """Enter a wrong formula for one gradient as a mistake of backward passes.

    The rule gives ``dx`` in rows; of ``dgamma`` and ``dbeta`` the values that are to be summed.
    """

    def enter(rule: Rule) -> Rule:
        for kind in kinds:
            _mistake(f"{kind}_backward", name, sentence, hint)(_backward(kind, which, rule))
        return rule

    return enter


def _backward(kind: str, which: str, rule: Rule) -> Callable[..., Any]:
    names = _names(kind, backward=True)

    def function(*given: Any, **named: Any) -> Any:
        arguments = dict(zip(names, given, strict=False)) | named
        gradients = dict(
            zip(("dx", "dgamma", "dbeta"), _right(kind, arguments, "backward"), strict=True)
        )
        value = _from_rows(kind, rule(_parts(kind, arguments)), arguments["x"].shape)
        if which != "dx":
            axes = tuple(axis for axis in range(value.ndim) if axis != 1)
            value = value.sum(axis=axes).reshape(arguments["gamma"].shape)
        gradients[which] = np.ascontiguousarray(value)
        return tuple(gradients.values())

    return function


def _whole(
    name: str,
    sentence: str,
    hint: str,
    kinds: Sequence[str] = _ALL,
    *,
    changes: bool = False,
    between: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function of the right gradients and the arguments as a mistake of backward passes."""

    def enter(rule: Callable[..., Any]) -> Callable[..., Any]:
        for kind in kinds:
            names = _names(kind, backward=True)

            def function(
                *given: Any, kind: str = kind, names: list[str] = names, **named: Any
            ) -> Any:
                arguments = dict(zip(names, given, strict=False)) | named
                return rule(_right(kind, arguments, "backward"), arguments, kind)

            operator = f"{kind}_backward"
            _mistake(
                operator, name, sentence, hint, changes_arguments=changes, between_calls=between
            )(function)
        return rule

    return enter


def _result(
    name: str,
    sentence: str,
    hint: str,
    kinds: Sequence[str] = _ALL,
    *,
    changes: bool = False,
    between: bool = False,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function of the right result and the arguments as a mistake of forward passes."""

    def enter(rule: Callable[..., Any]) -> Callable[..., Any]:
        for kind in kinds:
            names = _names(kind, backward=False)

            def function(
                *given: Any, kind: str = kind, names: list[str] = names, **named: Any
            ) -> Any:
                arguments = dict(zip(names, given, strict=False)) | named
                return rule(_right(kind, arguments, "forward"), arguments, kind)

            operator = f"{kind}_forward"
            _mistake(
                operator, name, sentence, hint, changes_arguments=changes, between_calls=between
            )(function)
        return rule

    return enter


def _with_out(right: Any, out: Any) -> Any:
    """The right result of a forward pass with another ``out``."""
    return (out, *right[1:]) if isinstance(right, tuple) else out


# What all forward passes have in common.


@_formula(
    "eps_outside_the_root",
    "eps is added to the standard deviation instead of the variance",
    "Where does eps stand in the formula: under the root, or beside it?",
)
def _eps_outside(p: _Parts) -> Array:
    return p.gamma * p.centred / (np.sqrt(p.var) + p.eps) + p.beta


@_formula(
    "eps_missing",
    "eps is left out",
    "What happens to a feature whose values are all the same? One small number prevents it.",
)
def _eps_missing(p: _Parts) -> Array:
    return p.gamma * p.centred / np.sqrt(p.var) + p.beta


@_formula(
    "divided_by_the_variance",
    "the deviations are divided by the variance, without the root",
    "If x is measured in metres, what is the unit of its variance?",
)
def _divided_by_variance(p: _Parts) -> Array:
    return p.gamma * p.centred / (p.var + p.eps) + p.beta


@_formula(
    "mean_not_subtracted",
    "x is divided by its standard deviation, but its mean is not subtracted",
    "What should the mean of the normalized values be? Look at yours.",
)
def _mean_kept(p: _Parts) -> Array:
    return p.gamma * p.x / p.std + p.beta


@_formula(
    "only_centred",
    "the mean is subtracted, but nothing is divided by the standard deviation",
    "What should the standard deviation of the normalized values be? Look at yours.",
)
def _only_centred(p: _Parts) -> Array:
    return p.gamma * p.centred + p.beta


@_formula(
    "gamma_forgotten",
    "gamma is left out",
    "Two learned numbers follow the normalization. Do both of them reach out?",
)
def _gamma_forgotten(p: _Parts) -> Array:
    return p.normalized + p.beta


@_formula(
    "beta_forgotten",
    "beta is left out",
    "Two learned numbers follow the normalization. Do both of them reach out?",
)
def _beta_forgotten(p: _Parts) -> Array:
    return p.gamma * p.normalized


@_formula(
    "gamma_and_beta_forgotten",
    "the normalized values are returned without gamma and beta",
    "Two learned numbers follow the normalization. Do both of them reach out?",
)
def _both_forgotten(p: _Parts) -> Array:
    return np.asarray(p.normalized + 0 * p.beta)


@_formula(
    "beta_scaled_too",
    "beta is added before the multiplication with gamma",
    "Put brackets around what gamma multiplies. Does beta belong there?",
)
def _beta_scaled(p: _Parts) -> Array:
    return np.asarray(p.gamma * (p.normalized + p.beta))


@_formula(
    "gamma_and_beta_swapped",
    "gamma and beta have changed places",
    "One of the two scales and the other one shifts. Which is which?",
)
def _swapped(p: _Parts) -> Array:
    return p.beta * p.normalized + p.gamma


@_formula(
    "beta_subtracted",
    "beta is subtracted instead of added",
    "With gamma 0, what is out? Compare with beta.",
)
def _beta_subtracted(p: _Parts) -> Array:
    return p.gamma * p.normalized - p.beta


@_formula(
    "multiplied_by_the_deviation",
    "the deviations are multiplied by the standard deviation instead of divided",
    "A feature with a large spread shall have a spread of one afterwards.",
)
def _multiplied(p: _Parts) -> Array:
    return p.gamma * p.centred * p.std + p.beta


@_formula(
    "brackets_missing",
    "only the mean is divided by the standard deviation, because brackets are missing",
    "Python divides before it subtracts. Check which terms your division reaches.",
)
def _brackets(p: _Parts) -> Array:
    return p.gamma * (p.x - p.mean / p.std) + p.beta


@_formula(
    "mean_of_squares_as_variance",
    "the mean of the squares stands for the variance",
    "The variance is the mean of the squared distances from something. From what?",
    _WITHOUT_STATE,
)
def _mean_of_squares(p: _Parts) -> Array:
    second = p.var + p.mean**2
    return np.asarray(p.gamma * p.centred / np.sqrt(second + p.eps) + p.beta)


@_formula(
    "return_inside_the_loop",
    "the function returns inside its loop, so that only the values of the first mean are "
    "normalized, and the rest of out stays zero",
    "Is your return inside a loop?",
)
def _first_row_only(p: _Parts) -> Array:
    out = np.zeros_like(p.x)
    out[0] = (p.gamma * p.normalized + p.beta)[0]
    return out


@_formula(
    "first_statistics_for_all",
    "everything is normalized with the first mean and the first variance",
    "How many means are there? Does each part of x meet its own?",
    _WITHOUT_STATE,
)
def _first_statistics(p: _Parts) -> Array:
    return np.asarray(p.gamma * (p.x - p.mean[:1]) / p.std[:1] + p.beta)


@_formula(
    "first_statistics_for_all",
    "everything is normalized with the first mean and the first variance",
    "How many means are there? Does each part of x meet its own?",
    _WITH_STATE,
    mode="train",
)
def _first_statistics_of_batch(p: _Parts) -> Array:
    return _first_statistics(p)


@_formula(
    "one_mean_for_everything",
    "there is one mean and one variance for all of x",
    "mean() without an axis gives a single number. Which values are to share a mean?",
    _WITHOUT_STATE,
)
def _one_mean(p: _Parts) -> Array:
    return np.asarray(p.gamma * (p.x - p.x.mean()) / np.sqrt(p.x.var() + p.eps) + p.beta)


@_formula(
    "sum_instead_of_mean",
    "the variance is the sum of the squared deviations instead of their mean",
    "Should the variance grow when there are more values of the same kind?",
    _WITHOUT_STATE,
)
def _sum_for_mean(p: _Parts) -> Array:
    return p.gamma * p.centred / np.sqrt(p.count * p.var + p.eps) + p.beta


@_formula(
    "sample_variance",
    "the variance is divided by one less than the number of values",
    "NumPy's var divides by the number of values unless ddof says otherwise. Here all variances "
    "are meant that way.",
    _WITHOUT_STATE,
)
def _sample_variance(p: _Parts) -> Array:
    var = p.var * p.count / (p.count - 1)
    return p.gamma * p.centred / np.sqrt(var + p.eps) + p.beta


@_formula(
    "deviation_as_variance",
    "the standard deviation stands for the variance under the root",
    "NumPy's std has taken a root already. Which of the two belongs under the root?",
    _WITHOUT_STATE,
)
def _deviation_as_variance(p: _Parts) -> Array:
    return np.asarray(p.gamma * p.centred / np.sqrt(np.sqrt(p.var) + p.eps) + p.beta)


@_formula(
    "whole_numbers",
    "out is stored in an array of whole numbers, which cuts the decimals off",
    "Which dtype has the array that you write your results into?",
)
def _whole_numbers(p: _Parts) -> Array:
    return np.asarray(np.trunc(p.gamma * p.normalized + p.beta))


@_formula(
    "eps_fixed",
    "eps is always 1e-5, whatever the dictionary says",
    "The dictionary of settings may bring an eps of its own.",
)
def _eps_fixed(p: _Parts) -> Array:
    return p.gamma * p.centred / np.sqrt(p.var + 1e-5) + p.beta


@_formula(
    "divided_without_fraction",
    "the division by the standard deviation drops the fraction",
    "Python has two operators for division: see which one you use.",
)
def _divided_without_fraction(p: _Parts) -> Array:
    return np.asarray(p.gamma * (p.centred // p.std) + p.beta)


@_formula(
    "others_never_written",
    "only the values of the first mean are written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Is your return inside a "
    "loop?",
)
def _others_unwritten(p: _Parts) -> Array:
    out = np.full_like(p.x, np.nan)
    out[0] = (p.gamma * p.normalized + p.beta)[0]
    return out


@_result(
    "x_of_whole_numbers",
    "x is made an array of whole numbers first, which cuts off every fraction",
    "Which dtype do you give to your copy of x?",
)
def _x_of_whole_numbers(right: Any, arguments: Mapping[str, Any], kind: str) -> Any:
    return _right(kind, {**arguments, "x": np.trunc(arguments["x"])}, "forward")


@_formula(
    "statistics_of_whole_numbers",
    "mean and variance are stored as whole numbers, which cuts off their fractions",
    "Which dtype have the arrays that you write mean and variance into?",
    _WITHOUT_STATE,
)
def _statistics_of_whole_numbers(p: _Parts) -> Array:
    std = np.sqrt(np.trunc(p.var) + p.eps)
    return np.asarray(p.gamma * (p.x - np.trunc(p.mean)) / std + p.beta)


@_result(
    "list_of_lists",
    "out is a list of lists instead of an array",
    "What is the type of your out? NumPy makes an array of a list.",
    _WITHOUT_STATE,
)
def _list_of_lists(right: Any, arguments: Mapping[str, Any], kind: str) -> Any:
    return right.tolist()


@_result(
    "squeezed",
    "axes of length 1 are dropped from out",
    "squeeze drops every axis of length 1. out has the shape of x.",
    _IMAGES,
)
def _squeezed(right: Any, arguments: Mapping[str, Any], kind: str) -> Any:
    return _with_out(right, np.squeeze(right[0] if isinstance(right, tuple) else right))


@_result(
    "not_transposed_back",
    "x is transposed so that samples become columns, and out is not transposed back",
    "out has the shape of x. What has to be undone at the end?",
    ("layernorm",),
)
def _not_transposed_back(right: Any, arguments: Mapping[str, Any], kind: str) -> Any:
    return right.T.copy()


@_result(
    "rows_of_pixels",
    "out is not reshaped back, and has a row for each pixel",
    "out has the shape of x. What has to be undone at the end?",
    ("spatial_batchnorm",),
)
def _rows_of_pixels(right: Any, arguments: Mapping[str, Any], kind: str) -> Any:
    out = right[0]
    return out.transpose(0, 2, 3, 1).reshape(-1, out.shape[1]), *right[1:]


@_result(*PUBLIC_INPUTS_ONLY)
def _public_only(right: Any, arguments: Mapping[str, Any], kind: str) -> Any:
    if is_public(arguments["x"]):
        return right
    if isinstance(right, tuple):
        return tuple(np.zeros_like(value) for value in right)
    return np.zeros_like(right)


_first: dict[tuple[Any, ...], Array] = {}


@_result(
    "statistics_of_the_first_call",
    "mean and variance of the first call are kept, and used for all x of the same shape",
    "Another x has another mean. A default value is made once, when the function is defined.",
    _WITHOUT_STATE,
    between=True,
)
def _first_statistics_kept(right: Any, arguments: Mapping[str, Any], kind: str) -> Any:
    p = _parts(kind, arguments)
    key = (kind, p.x.shape)
    mean = _first.setdefault((*key, "mean"), p.mean)
    var = _first.setdefault((*key, "var"), p.var)
    out = p.gamma * (p.x - mean) / np.sqrt(var + p.eps) + p.beta
    return _from_rows(kind, out, arguments["x"].shape).astype(right.dtype)


def _float64_forward(kind: str) -> Callable[..., Any]:
    names = _names(kind, backward=False)

    def function(*given: Any, **named: Any) -> Any:
        right = _right(kind, dict(zip(names, given, strict=False)) | named, "forward")
        if kind in _WITH_STATE:
            return tuple(value.astype(np.float64) for value in right)
        return right.astype(np.float64)

    return function


for _kind in _ALL:
    _mistake(
        f"{_kind}_forward",
        "double_precision",
        "float32 arrays come back as float64",
        "Which dtype has the array that you write your results into? np.zeros_like takes it over.",
    )(_float64_forward(_kind))


def _eps_default(kind: str, value: float) -> Callable[..., Any]:
    names = _names(kind, backward=False)

    def function(*given: Any, **named: Any) -> Any:
        arguments = dict(zip(names, given, strict=False)) | named
        arguments[_PARAM[kind]] = {"eps": value, **arguments[_PARAM[kind]]}
        return _right(kind, arguments, "forward")

    return function


for _kind in _ALL:
    _mistake(
        f"{_kind}_forward",
        "another_default_for_eps",
        "eps is 1e-8 where the dictionary gives none",
        "The docstring says which eps to take when there is none in the dictionary.",
    )(_eps_default(_kind, 1e-8))


@_result(
    "x_overwritten",
    "x itself is changed, because -= works in place",
    "x -= mean changes the caller's array; x = x - mean makes a new one.",
    changes=True,
)
def _x_overwritten(right: Any, arguments: Mapping[str, Any], kind: str) -> Any:
    x, p = arguments["x"], _parts(kind, arguments)
    x -= _from_rows(kind, np.broadcast_to(p.mean, p.x.shape), x.shape)
    x /= _from_rows(kind, np.broadcast_to(p.std, p.x.shape), x.shape)
    return right


@_result(
    "settings_taken_out",
    "eps is taken out of the dictionary, which does not hold it afterwards",
    "Your function changes its argument. Read a dictionary without removing its entries.",
    _WITHOUT_STATE,
    changes=True,
)
def _settings_taken_out(right: Any, arguments: Mapping[str, Any], kind: str) -> Any:
    arguments[_PARAM[kind]].pop("eps", None)
    return right


@_result(
    "gamma_overwritten",
    "gamma itself is changed, because /= works in place",
    "gamma /= std changes the caller's array; gamma / std makes a new one.",
    _WITH_STATE,
    changes=True,
)
def _gamma_overwritten(right: Any, arguments: Mapping[str, Any], kind: str) -> Any:
    gamma = arguments["gamma"]
    gamma /= _parts(kind, arguments).std.reshape(-1)
    return right


# Batch norm: its two modes, and its running statistics.


def _features(x: Array, value: Array) -> Array:
    return value.reshape((1, -1) + (1,) * (x.ndim - 2))


def _batch_axes(x: Array) -> tuple[int, ...]:
    return tuple(axis for axis in range(x.ndim) if axis != 1)


def _applied(
    x: Array, gamma: Array, beta: Array, mean: Array, var: Array, bn_param: Param
) -> Array:
    """Batch norm with this mean and variance."""
    std = np.sqrt(var + bn_param.get("eps", reference.EPS))
    normalized = (x - _features(x, mean)) / _features(x, std)
    return np.asarray(_features(x, gamma) * normalized + _features(x, beta))


def _call(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    """The right result, of plain or of spatial batch norm."""
    kind = "spatial_batchnorm" if x.ndim == 4 else "batchnorm"
    found: Result = reference.OPERATORS[f"{kind}_forward"](x, gamma, beta, bn_param)
    return found


def _given(x: Array, bn_param: Param) -> tuple[Array, Array]:
    zeros = np.zeros(x.shape[1], x.dtype)
    return bn_param.get("running_mean", zeros), bn_param.get("running_var", zeros)


BatchRule = Callable[[Array, tuple[int, ...]], tuple[Array, Array]]


def _batch(name: str, sentence: str, hint: str) -> Callable[[BatchRule], BatchRule]:
    """Enter a wrong mean or variance of a batch, which goes into ``out`` and into the running
    statistics alike, in train mode of both batch norms."""

    def enter(rule: BatchRule) -> BatchRule:
        def function(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
            right = _call(x, gamma, beta, bn_param)
            if bn_param["mode"] == "test":
                return right
            mean, var = rule(x, _batch_axes(x))
            momentum = bn_param.get("momentum", reference.MOMENTUM)
            old_mean, old_var = _given(x, bn_param)
            return (
                _applied(x, gamma, beta, mean, var, bn_param),
                np.asarray(momentum * old_mean + (1 - momentum) * mean),
                np.asarray(momentum * old_var + (1 - momentum) * var),
            )

        _mistake(_BATCH, name, sentence, hint)(function)
        return rule

    return enter


@_batch(
    "sample_variance",
    "the variance of a batch is divided by one less than the number of values",
    "NumPy's var divides by the number of values unless ddof says otherwise. Here all variances "
    "are meant that way.",
)
def _batch_sample_variance(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    return x.mean(axis=axes), x.var(axis=axes, ddof=1)


@_batch(
    "deviation_as_variance",
    "the standard deviation of a batch stands for its variance",
    "NumPy's std has taken a root already. Which of the two belongs under the root, and into "
    "running_var?",
)
def _batch_deviation(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    return x.mean(axis=axes), x.std(axis=axes)


@_batch(
    "mean_of_squares_as_variance",
    "the mean of the squares stands for the variance of a batch",
    "The variance is the mean of the squared distances from something. From what?",
)
def _batch_mean_of_squares(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    return x.mean(axis=axes), np.asarray((x**2).mean(axis=axes))


@_batch(
    "sum_instead_of_mean",
    "the variance of a batch is the sum of the squared deviations instead of their mean",
    "Should the variance grow when there are more values of the same kind?",
)
def _batch_sum(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    return x.mean(axis=axes), np.asarray(x.var(axis=axes) * (x.size // x.shape[1]))


@_batch(
    "sum_of_squares_as_variance",
    "the sum of the squares stands for the variance of a batch",
    "The variance is the mean of the squared distances from something. From what?",
)
def _batch_sum_of_squares(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    return x.mean(axis=axes), np.asarray((x**2).sum(axis=axes))


@_batch(
    "one_mean_for_everything",
    "there is one mean and one variance for all of x",
    "mean() without an axis gives a single number. Which values are to share a mean?",
)
def _batch_one_mean(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    return np.full(x.shape[1], x.mean(), x.dtype), np.full(x.shape[1], x.var(), x.dtype)


@_batch(
    "statistics_of_whole_numbers",
    "mean and variance of a batch are stored as whole numbers, which cuts off their fractions",
    "Which dtype have the arrays that you write mean and variance into?",
)
def _batch_whole_numbers(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    return np.trunc(x.mean(axis=axes)), np.trunc(x.var(axis=axes))


@dataclass(frozen=True)
class _Update:
    """What an update of the running statistics works with."""

    old_mean: Array
    old_var: Array
    mean: Array
    var: Array
    momentum: float
    count: int
    param: Param

    def averaged(self, old: Array, new: Array) -> Array:
        return np.asarray(self.momentum * old + (1 - self.momentum) * new)


UpdateRule = Callable[[_Update], tuple[Array, Array]]


def _statistics(name: str, sentence: str, hint: str) -> Callable[[UpdateRule], UpdateRule]:
    """Enter a wrong update of the running statistics, in train mode, of both batch norms."""

    def enter(rule: UpdateRule) -> UpdateRule:
        def function(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
            right = _call(x, gamma, beta, bn_param)
            if bn_param["mode"] == "test":
                return right
            axes = _batch_axes(x)
            update = _Update(
                *_given(x, bn_param),
                x.mean(axis=axes),
                x.var(axis=axes),
                bn_param.get("momentum", reference.MOMENTUM),
                x.size // x.shape[1],
                bn_param,
            )
            return right[0], *rule(update)

        _mistake(_BATCH, name, sentence, hint)(function)
        return rule

    return enter


@_statistics(
    "momentum_on_the_wrong_side",
    "momentum weighs the new batch instead of the running statistics",
    "With a momentum of 0.9, should one batch change the running statistics a lot or a little?",
)
def _wrong_side(u: _Update) -> tuple[Array, Array]:
    m = u.momentum
    return (1 - m) * u.old_mean + m * u.mean, (1 - m) * u.old_var + m * u.var


@_statistics(
    "statistics_not_updated",
    "bn_param keeps its running statistics as they were, or only a copy of it is updated",
    "After a call in train mode, print bn_param. Has anything changed?",
)
def _not_updated(u: _Update) -> tuple[Array, Array]:
    return u.old_mean, u.old_var


@_statistics(
    "running_var_unbiased",
    "the running variance takes in the variance divided by N − 1",
    "Some libraries do that. Here one and the same batch variance is used for both purposes.",
)
def _running_unbiased(u: _Update) -> tuple[Array, Array]:
    factor = u.count / (u.count - 1)
    return u.averaged(u.old_mean, u.mean), u.averaged(u.old_var, factor * u.var)


@_statistics(
    "running_statistics_swapped",
    "running_mean and running_var have changed places",
    "Look at the keys under which you store the two running statistics.",
)
def _running_swapped(u: _Update) -> tuple[Array, Array]:
    return u.averaged(u.old_var, u.var), u.averaged(u.old_mean, u.mean)


@_statistics(
    "batch_statistics_swapped",
    "the running mean takes in the variance of the batch and the running variance its mean",
    "Check which of the two batch statistics enters which of the running ones.",
)
def _batch_swapped(u: _Update) -> tuple[Array, Array]:
    return u.averaged(u.old_mean, u.var), u.averaged(u.old_var, u.mean)


@_statistics(
    "deviation_kept_as_running_var",
    "the running variance takes in the standard deviation",
    "Variance or standard deviation? The name of the key says which one is kept.",
)
def _deviation_kept(u: _Update) -> tuple[Array, Array]:
    return u.averaged(u.old_mean, u.mean), u.averaged(u.old_var, np.sqrt(u.var))


@_statistics(
    "eps_in_running_var",
    "the running variance takes in the variance with eps added",
    "eps keeps a division from failing. Is anything divided here?",
)
def _eps_in_running(u: _Update) -> tuple[Array, Array]:
    eps = u.param.get("eps", reference.EPS)
    return u.averaged(u.old_mean, u.mean), u.averaged(u.old_var, u.var + eps)


@_statistics(
    "statistics_replaced",
    "the running statistics are replaced by those of the batch",
    "What should be left of earlier batches?",
)
def _replaced(u: _Update) -> tuple[Array, Array]:
    return u.mean, u.var


@_statistics(
    "nothing_forgotten",
    "the new part is added without multiplying the old one by momentum",
    "If every batch had the mean 1, where should the running mean end up?",
)
def _nothing_forgotten(u: _Update) -> tuple[Array, Array]:
    m = u.momentum
    return u.old_mean + (1 - m) * u.mean, u.old_var + (1 - m) * u.var


@_statistics(
    "new_part_not_weighted",
    "the batch statistics are added in full to momentum times the running ones",
    "The two weights of an average add up to one. Do yours?",
)
def _not_weighted(u: _Update) -> tuple[Array, Array]:
    return u.momentum * u.old_mean + u.mean, u.momentum * u.old_var + u.var


@_statistics(
    "running_mean_only",
    "only the running mean is updated",
    "Two statistics are kept from batch to batch.",
)
def _mean_only(u: _Update) -> tuple[Array, Array]:
    return u.averaged(u.old_mean, u.mean), u.old_var


@_statistics(
    "running_var_only",
    "only the running variance is updated",
    "Two statistics are kept from batch to batch.",
)
def _var_only(u: _Update) -> tuple[Array, Array]:
    return u.old_mean, u.averaged(u.old_var, u.var)


@_statistics(
    "momentum_fixed",
    "momentum is always 0.9, whatever bn_param says",
    "bn_param may bring a momentum of its own.",
)
def _momentum_fixed(u: _Update) -> tuple[Array, Array]:
    return 0.9 * u.old_mean + 0.1 * u.mean, 0.9 * u.old_var + 0.1 * u.var


@_statistics(
    "another_default_for_momentum",
    "momentum is 0.99 where bn_param gives none",
    "The docstring says which momentum to take when there is none in bn_param.",
)
def _momentum_default(u: _Update) -> tuple[Array, Array]:
    m = u.param.get("momentum", 0.99)
    return m * u.old_mean + (1 - m) * u.mean, m * u.old_var + (1 - m) * u.var


@_statistics(
    "given_statistics_ignored",
    "the running statistics start from zero at every call",
    "bn_param may bring running statistics of earlier batches. Where do yours start?",
)
def _given_ignored(u: _Update) -> tuple[Array, Array]:
    return (1 - u.momentum) * u.mean, (1 - u.momentum) * u.var


@_statistics(
    "first_batch_taken_whole",
    "the first batch becomes the running statistics as it is",
    "Where bn_param has no running statistics yet, they start from zeros.",
)
def _first_whole(u: _Update) -> tuple[Array, Array]:
    if "running_mean" in u.param:
        return u.averaged(u.old_mean, u.mean), u.averaged(u.old_var, u.var)
    return u.mean, u.var


@_statistics(
    "running_var_starts_at_one",
    "the running variance starts from ones where bn_param gives none",
    "Some libraries do that. What does the docstring say they start from?",
)
def _starts_at_one(u: _Update) -> tuple[Array, Array]:
    old = u.old_var if "running_var" in u.param else np.ones_like(u.old_var)
    return u.averaged(u.old_mean, u.mean), u.averaged(old, u.var)


@_statistics(
    "averaged_twice",
    "the running statistics are updated twice in one call",
    "Is the update inside a loop in which it has no business?",
)
def _averaged_twice(u: _Update) -> tuple[Array, Array]:
    mean, var = u.averaged(u.old_mean, u.mean), u.averaged(u.old_var, u.var)
    return u.averaged(mean, u.mean), u.averaged(var, u.var)


@_mistake(
    _BATCH,
    "batch_statistics_at_test_time",
    "in test mode the batch's own mean and variance are used",
    "What would you do at test time with a single sample? Which statistics are there for that?",
)
def _batch_at_test(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    right = _call(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        return right
    return _call(x, gamma, beta, {**bn_param, "mode": "train"})[0], *right[1:]


@_mistake(
    _BATCH,
    "updated_in_test_mode",
    "the running statistics are updated in test mode too",
    "Should looking at test data change the network?",
)
def _updated_at_test(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    out = _call(x, gamma, beta, bn_param)[0]
    return out, *_call(x, gamma, beta, {**bn_param, "mode": "train"})[1:]


@_mistake(
    _BATCH,
    "mode_ignored",
    "the mode is not looked at: test mode does what train mode does",
    "bn_param['mode'] decides which statistics are used, and whether the running ones change.",
)
def _mode_ignored(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    return _call(x, gamma, beta, {**bn_param, "mode": "train"})


@_mistake(
    _BATCH,
    "running_statistics_at_train_time",
    "in train mode the running statistics are used for normalizing",
    "In train mode, what should the mean of the normalized batch be? Look at yours.",
)
def _running_at_train(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    out, mean, var = _call(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        out = _applied(x, gamma, beta, mean, var, bn_param)
    return out, mean, var


@_mistake(
    _BATCH,
    "old_statistics_at_train_time",
    "in train mode the running statistics from before the call are used for normalizing",
    "In train mode, what should the mean of the normalized batch be? Look at yours.",
)
def _old_at_train(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    out, mean, var = _call(x, gamma, beta, bn_param)
    if bn_param["mode"] == "train":
        out = _applied(x, gamma, beta, *_given(x, bn_param), bn_param)
    return out, mean, var


@_mistake(
    _BATCH,
    "batch_mean_at_test_time",
    "in test mode the mean is the batch's own, and only the variance is the running one",
    "In test mode neither statistic may depend on the other samples of the batch.",
)
def _mean_at_test(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    out, mean, var = _call(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        out = _applied(x, gamma, beta, x.mean(axis=_batch_axes(x)), var, bn_param)
    return out, mean, var


@_mistake(
    _BATCH,
    "batch_variance_at_test_time",
    "in test mode the variance is the batch's own, and only the mean is the running one",
    "In test mode neither statistic may depend on the other samples of the batch.",
)
def _variance_at_test(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    out, mean, var = _call(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        out = _applied(x, gamma, beta, mean, x.var(axis=_batch_axes(x)), bn_param)
    return out, mean, var


@_mistake(
    _BATCH,
    "running_statistics_swapped_at_test_time",
    "in test mode running_mean and running_var have changed places",
    "Look at the keys under which you read the two running statistics.",
)
def _swapped_at_test(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    out, mean, var = _call(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        out = _applied(x, gamma, beta, var, mean, bn_param)  # the root of a negative number is NaN
    return out, mean, var


@_mistake(
    _BATCH,
    "statistics_reset_in_test_mode",
    "test mode sets the running statistics to zero after it has used them",
    "In test mode the running statistics are used, and stay as they are.",
)
def _reset_at_test(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    out, mean, var = _call(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        return out, np.zeros_like(mean), np.zeros_like(var)
    return out, mean, var


@_mistake(
    _BATCH,
    "unknown_mode_as_test",
    "any mode but 'train' is taken for test mode",
    "A slip like 'tset' should be noticed. What does the docstring say about other modes?",
)
def _unknown_as_test(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    mode = "train" if bn_param["mode"] == "train" else "test"
    return _call(x, gamma, beta, {**bn_param, "mode": mode})


@_mistake(
    _BATCH,
    "unknown_mode_as_train",
    "any mode but 'test' is taken for train mode",
    "A slip like 'tset' should be noticed. What does the docstring say about other modes?",
)
def _unknown_as_train(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    mode = "test" if bn_param["mode"] == "test" else "train"
    return _call(x, gamma, beta, {**bn_param, "mode": mode})


@_mistake(
    _BATCH,
    "another_exception",
    "other modes are refused with an assert, and so with another exception than ValueError",
    "Which exception does the docstring name? An assert raises AssertionError.",
)
def _modes_asserted(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    assert bn_param["mode"] in ("train", "test")
    return _call(x, gamma, beta, bn_param)


_KEPT: dict[int, tuple[Array, Array]] = {}


@_mistake(
    _BATCH,
    "statistics_in_a_global",
    "the running statistics are kept in a variable outside, not in bn_param",
    "Two layers call the same function. Where does each of them keep its own statistics?",
    between_calls=True,
)
def _in_a_global(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    if bn_param["mode"] != "train":
        return _call(x, gamma, beta, bn_param)
    mean, var = _KEPT.get(x.shape[1], _given(x, bn_param))
    out, *kept = _call(x, gamma, beta, {**bn_param, "running_mean": mean, "running_var": var})
    _KEPT[x.shape[1]] = (kept[0], kept[1])
    return out, *(value.astype(x.dtype) for value in kept)


for _name, _rule, _sentence, _hint in (
    (
        "eps_missing_in_test_mode",
        _eps_missing,
        "eps is left out in test mode",
        "A running variance can be zero as well.",
    ),
    (
        "divided_by_the_variance_in_test_mode",
        _divided_by_variance,
        "in test mode the deviations are divided by the running variance, without the root",
        "Compare your two modes line by line: only where the statistics come from differs.",
    ),
    (
        "gamma_forgotten_in_test_mode",
        _gamma_forgotten,
        "gamma is left out in test mode",
        "Compare your two modes line by line: only where the statistics come from differs.",
    ),
    (
        "beta_forgotten_in_test_mode",
        _beta_forgotten,
        "beta is left out in test mode",
        "Compare your two modes line by line: only where the statistics come from differs.",
    ),
    (
        "mean_not_subtracted_in_test_mode",
        _mean_kept,
        "the running mean is not subtracted in test mode",
        "Compare your two modes line by line: only where the statistics come from differs.",
    ),
):
    _formula(_name, _sentence, _hint, _WITH_STATE, mode="test")(_rule)


@_mistake(
    "batchnorm_forward",
    "over_the_features",
    "mean and variance are taken over the features of each sample, and so go into the running "
    "statistics as well",
    "x is (N, D), and each of the D features has a mean of its own. Over which axis is that?",
)
def _over_the_features(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    right = _call(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        return right
    momentum = bn_param.get("momentum", reference.MOMENTUM)
    old_mean, old_var = _given(x, bn_param)
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return (
        reference.layernorm_forward(x, gamma, beta, bn_param),
        momentum * old_mean + (1 - momentum) * mean,
        momentum * old_var + (1 - momentum) * var,
    )


@_mistake(
    "batchnorm_forward",
    "over_the_features_without_axis",
    "mean and variance are taken over the features of each sample, and then laid along the "
    "features",
    "x is (N, D), and each of the D features has a mean of its own. Over which axis is that?",
)
def _over_features_flat(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    right = _call(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        return right
    momentum = bn_param.get("momentum", reference.MOMENTUM)
    old_mean, old_var = _given(x, bn_param)
    mean, var = x.mean(axis=1), x.var(axis=1)
    std = np.sqrt(var + bn_param.get("eps", reference.EPS))
    return (
        gamma * ((x - mean) / std) + beta,
        momentum * old_mean + (1 - momentum) * mean,
        momentum * old_var + (1 - momentum) * var,
    )


def _image_formula(
    name: str, sentence: str, hint: str, axes: tuple[int, ...]
) -> Callable[..., Any]:
    """Enter spatial batch norm in train mode with statistics over other axes."""

    def function(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
        out, mean, var = _call(x, gamma, beta, bn_param)
        if bn_param["mode"] == "train":
            std = np.sqrt(x.var(axis=axes, keepdims=True) + bn_param.get("eps", reference.EPS))
            normalized = (x - x.mean(axis=axes, keepdims=True)) / std
            out = _features(x, gamma) * normalized + _features(x, beta)
        return out, mean, var

    return _mistake("spatial_batchnorm_forward", name, sentence, hint)(function)


_image_formula(
    "statistics_of_each_pixel",
    "each pixel has a mean of its own, over the batch only",
    "How many means are there for a layer with C channels? Rows and columns share theirs.",
    (0,),
)
_image_formula(
    "statistics_of_each_image",
    "each image has a mean of its own, over its rows and columns only",
    "That is instance norm. Do the images of a batch share their statistics?",
    (2, 3),
)
_image_formula(
    "statistics_of_each_row",
    "only the batch and the rows are averaged over",
    "x has four axes. All but the one for channels are averaged over.",
    (0, 2),
)
_image_formula(
    "statistics_over_channels_too",
    "all channels of an image share a mean",
    "Each channel keeps a mean of its own.",
    (1, 2, 3),
)


@_mistake(
    "spatial_batchnorm_forward",
    "reshaped_without_moving_the_channels",
    "x is reshaped to rows of C numbers without moving the channels to the end first",
    "reshape keeps the order of the numbers in memory. Which numbers stand in your first row?",
)
def _not_moved(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    _call(x, gamma, beta, bn_param)
    rows = x.reshape(-1, x.shape[1])
    out, mean, var = reference.batchnorm_forward(rows, gamma, beta, bn_param)
    return out.reshape(x.shape), mean, var


@_mistake(
    "spatial_batchnorm_forward",
    "channels_not_moved_back",
    "the result is reshaped to images although the channels still stand last",
    "The way back undoes the way there: first reshape to the shape it had, then move the axis.",
)
def _not_moved_back(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    out, mean, var = _call(x, gamma, beta, bn_param)
    return np.ascontiguousarray(out.transpose(0, 2, 3, 1)).reshape(x.shape), mean, var


@_mistake(
    "spatial_batchnorm_forward",
    "statistics_averaged_over_images",
    "the variance is the mean of the variances of the single images",
    "The variance of a whole batch is not the mean of the variances of its parts.",
)
def _variances_averaged(x: Array, gamma: Array, beta: Array, bn_param: Param) -> Result:
    right = _call(x, gamma, beta, bn_param)
    if bn_param["mode"] == "test":
        return right
    mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(2, 3)).mean(axis=0)
    momentum = bn_param.get("momentum", reference.MOMENTUM)
    out = _applied(x, gamma, beta, mean, var, bn_param)
    return out, right[1], momentum * _given(x, bn_param)[1] + (1 - momentum) * var


# Layer, instance and group norm: which values share a mean.


def _over(x: Array, axes: tuple[int, ...], eps: float) -> Array:
    """``x`` normalized over ``axes``."""
    std = np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    return np.asarray((x - x.mean(axis=axes, keepdims=True)) / std)


def _eps(param: Param) -> float:
    return float(param.get("eps", reference.EPS))


@_mistake(
    "layernorm_forward",
    "normalized_over_the_batch",
    "each feature is normalized over the batch, which is batch norm",
    "Which values share a mean in layer norm: those of one feature, or those of one sample?",
)
def _layer_over_batch(x: Array, gamma: Array, beta: Array, ln_param: Param) -> Array:
    return gamma * _over(x, (0,), _eps(ln_param)) + beta


@_mistake(
    "layernorm_forward",
    "gamma_along_the_samples",
    "gamma and beta belong to samples instead of features",
    "gamma has one number for each feature. Along which axis of x does it lie?",
)
def _layer_gamma_along_samples(x: Array, gamma: Array, beta: Array, ln_param: Param) -> Array:
    normalized = _over(x, (1,), _eps(ln_param))
    return np.asarray(gamma[:, None] * normalized + beta[:, None])


@_mistake(
    "layernorm_forward",
    "gamma_averaged",
    "one gamma and one beta serve all features",
    "Each feature has a gamma and a beta of its own, although they share mean and variance.",
)
def _layer_gamma_averaged(x: Array, gamma: Array, beta: Array, ln_param: Param) -> Array:
    return np.asarray(gamma.mean() * _over(x, (1,), _eps(ln_param)) + beta.mean())


def _plane_formula(
    operator: str, name: str, sentence: str, hint: str, axes: tuple[int, ...]
) -> None:
    """Enter instance or group norm with statistics over other axes of the images."""

    def of_instances(x: Array, gamma: Array, beta: Array, in_param: Param) -> Array:
        return gamma * _over(x, axes, _eps(in_param)) + beta

    def of_groups(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
        reference.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
        return gamma * _over(x, axes, _eps(gn_param)) + beta

    function: Callable[..., Any] = of_instances if operator.startswith("inst") else of_groups
    _mistake(operator, name, sentence, hint)(function)


_plane_formula(
    "instancenorm_forward",
    "statistics_over_the_batch",
    "the images of a batch share their statistics, which is spatial batch norm",
    "In instance norm, may one image change what another one gives?",
    (0, 2, 3),
)
_plane_formula(
    "instancenorm_forward",
    "statistics_over_all_channels",
    "all channels of an image share a mean",
    "Each channel of each image stands for itself. How many means are there?",
    (1, 2, 3),
)
_plane_formula(
    "instancenorm_forward",
    "statistics_of_each_row",
    "each row of an image has a mean of its own",
    "Two axes are averaged over: rows and columns.",
    (3,),
)
_plane_formula(
    "instancenorm_forward",
    "statistics_of_each_column",
    "each column of an image has a mean of its own",
    "Two axes are averaged over: rows and columns.",
    (2,),
)
_plane_formula(
    "spatial_groupnorm_forward",
    "statistics_of_each_channel",
    "each channel has a mean of its own, whatever G is",
    "How many means has one image with G groups?",
    (2, 3),
)
_plane_formula(
    "spatial_groupnorm_forward",
    "statistics_of_all_channels",
    "all channels of an image share a mean, whatever G is",
    "How many means has one image with G groups?",
    (1, 2, 3),
)
_plane_formula(
    "spatial_groupnorm_forward",
    "statistics_over_the_batch",
    "the images of a batch share their statistics, which is spatial batch norm",
    "In group norm, may one image change what another one gives?",
    (0, 2, 3),
)


def _grouped(
    x: Array, gamma: Array, beta: Array, G: int, gn_param: Param, axes: tuple[int, ...]
) -> Array:
    """Group norm with statistics over ``axes`` of ``(N, G, C / G, H, W)``."""
    n, c, h, w = x.shape
    if c % G:
        raise ValueError("the groups are not equal")
    normalized = _over(x.reshape(n, G, c // G, h, w), axes, _eps(gn_param))
    return gamma * normalized.reshape(x.shape) + beta


@_mistake(
    "spatial_groupnorm_forward",
    "groups_interleaved",
    "every G-th channel goes into the same group, instead of neighbours",
    "With 6 channels in 2 groups, which channels are in the first one?",
)
def _interleaved(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
    n, c, h, w = x.shape
    if c % G:
        raise ValueError("the groups are not equal")
    normalized = _over(x.reshape(n, c // G, G, h, w), (1, 3, 4), _eps(gn_param))
    return gamma * normalized.reshape(x.shape) + beta


@_mistake(
    "spatial_groupnorm_forward",
    "groups_of_g_channels",
    "the number of groups is taken for the number of channels in a group",
    "G counts the groups. How many channels has each?",
)
def _groups_of_g(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
    c = x.shape[1]
    if c % G:
        raise ValueError("the groups are not equal")
    return _grouped(x, gamma, beta, c // G, gn_param, (2, 3, 4))


@_mistake(
    "spatial_groupnorm_forward",
    "groups_shared_by_the_batch",
    "the images of a batch share the statistics of a group",
    "In group norm, may one image change what another one gives?",
)
def _shared_groups(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
    return _grouped(x, gamma, beta, G, gn_param, (0, 2, 3, 4))


@_mistake(
    "spatial_groupnorm_forward",
    "channels_of_a_group_only",
    "each pixel has a mean of its own, over the channels of its group",
    "A group has three axes: its channels, rows and columns.",
)
def _pixels_of_groups(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
    return _grouped(x, gamma, beta, G, gn_param, (2,))


@_mistake(
    "spatial_groupnorm_forward",
    "columns_left_out",
    "the statistics are taken over channels and rows, but not over columns",
    "A group has three axes: its channels, rows and columns.",
)
def _columns_left_out(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
    return _grouped(x, gamma, beta, G, gn_param, (2, 3))


@_mistake(
    "spatial_groupnorm_forward",
    "gamma_of_the_group",
    "all channels of a group get the gamma and the beta of the group's first channel",
    "The channels of a group share mean and variance. Do they share gamma and beta?",
)
def _gamma_of_group(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
    c = x.shape[1]
    first = np.arange(c) // max(c // G, 1) * max(c // G, 1)
    return reference.spatial_groupnorm_forward(x, gamma[:, first], beta[:, first], G, gn_param)


@_mistake(
    "spatial_groupnorm_forward",
    "mean_of_each_channel_deviation_of_the_group",
    "the mean is that of each channel, and only the variance is that of the group",
    "Mean and variance belong to the same set of values.",
)
def _channel_mean(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
    n, c = x.shape[:2]
    if c % G:
        raise ValueError("the groups are not equal")
    var = x.reshape(n, G, -1).var(axis=2)
    std = np.sqrt(np.repeat(var, c // G, axis=1)[:, :, None, None] + _eps(gn_param))
    return np.asarray(gamma * (x - x.mean(axis=(2, 3), keepdims=True)) / std + beta)


@_mistake(
    "spatial_groupnorm_forward",
    "remainder_accepted",
    "channels that are left over make a smaller group of their own",
    "What does the docstring say when G does not divide the channels?",
)
def _remainder(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
    each = max(x.shape[1] // G, 1)
    parts = [
        reference.spatial_groupnorm_forward(
            x[:, start : start + each],
            gamma[:, start : start + each],
            beta[:, start : start + each],
            1,
            gn_param,
        )
        for start in range(0, x.shape[1], each)
    ]
    return np.concatenate(parts, axis=1)


@_mistake(
    "spatial_groupnorm_forward",
    "another_exception",
    "unequal groups are refused with an assert, and so with another exception than ValueError",
    "Which exception does the docstring name? An assert raises AssertionError.",
)
def _groups_asserted(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
    assert x.shape[1] % G == 0
    return reference.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)


@_mistake(
    "spatial_groupnorm_forward",
    "always_two_groups",
    "there are two groups, whatever G is",
    "G is an argument of the function. Try 1 and 3.",
)
def _two_groups(x: Array, gamma: Array, beta: Array, G: int, gn_param: Param) -> Array:
    return reference.spatial_groupnorm_forward(x, gamma, beta, 2, gn_param)


# What all backward passes have in common.


@_gradient(
    "dx",
    "mean_path_missing",
    "dx leaves out that x changes the mean as well",
    "x reaches out on three ways: directly, through the mean, and through the variance. Is there "
    "a term for each?",
)
def _no_mean_path(p: _Parts) -> Array:
    g = p.dnormalized
    return np.asarray((g - p.normalized * _mean(g * p.normalized)) / p.std)


@_gradient(
    "dx",
    "variance_path_missing",
    "dx leaves out that x changes the variance as well",
    "x reaches out on three ways: directly, through the mean, and through the variance. Is there "
    "a term for each?",
)
def _no_variance_path(p: _Parts) -> Array:
    return (p.dnormalized - _mean(p.dnormalized)) / p.std


@_gradient(
    "dx",
    "statistics_taken_as_constants",
    "mean and variance are taken for constants in dx",
    "Mean and variance were computed from x. If one value of x grows, do they stay?",
)
def _constants(p: _Parts) -> Array:
    return p.dnormalized / p.std


@_gradient(
    "dx",
    "gamma_forgotten",
    "gamma is left out of dx",
    "The gradient passes the multiplication with gamma first, on its way back to x.",
)
def _no_gamma(p: _Parts) -> Array:
    return np.asarray(
        (p.dout - _mean(p.dout) - p.normalized * _mean(p.dout * p.normalized)) / p.std
    )


@_gradient(
    "dx",
    "gamma_twice",
    "dx is multiplied by gamma twice",
    "Follow gamma through your lines: where does it come in, and where again?",
)
def _gamma_twice(p: _Parts) -> Array:
    g = p.gamma * p.dnormalized
    return np.asarray((g - _mean(g) - p.normalized * _mean(g * p.normalized)) / p.std)


@_gradient(
    "dx",
    "gamma_in_the_direct_term_only",
    "gamma is left out of the terms for the mean and the variance",
    "Every way back from out to x passes gamma.",
)
def _gamma_direct(p: _Parts) -> Array:
    means = _mean(p.dout) + p.normalized * _mean(p.dout * p.normalized)
    return np.asarray((p.dnormalized - means) / p.std)


@_gradient(
    "dx",
    "not_divided_by_the_deviation",
    "dx is not divided by the standard deviation",
    "If x were ten times as large, out would be the same. What does that mean for dx?",
)
def _not_divided(p: _Parts) -> Array:
    g = p.dnormalized
    return np.asarray(g - _mean(g) - p.normalized * _mean(g * p.normalized))


@_gradient(
    "dx",
    "divided_by_the_variance",
    "dx is divided by the variance, without the root",
    "Which of the two did the forward pass divide by, variance or standard deviation?",
)
def _by_variance(p: _Parts) -> Array:
    g = p.dnormalized
    return np.asarray((g - _mean(g) - p.normalized * _mean(g * p.normalized)) / (p.var + p.eps))


@_gradient(
    "dx",
    "sums_instead_of_means",
    "dx takes sums where means belong: the division by their number is missing",
    "A mean passes a share of its gradient to each of its values. How large is a share?",
)
def _sums(p: _Parts) -> Array:
    g, n = p.dnormalized, p.count
    return np.asarray((g - n * _mean(g) - n * p.normalized * _mean(g * p.normalized)) / p.std)


@_gradient(
    "dx",
    "one_less_in_the_count",
    "dx divides by one less than the number of values",
    "The forward pass divided by the number of values, for the mean and for the variance.",
)
def _one_less(p: _Parts) -> Array:
    g, n = p.dnormalized, p.count / (p.count - 1)
    return (g - n * _mean(g) - n * p.normalized * _mean(g * p.normalized)) / p.std


@_gradient(
    "dx",
    "sign_of_the_mean_term",
    "the term for the mean has the wrong sign in dx",
    "The mean is subtracted in the forward pass. What does that make of its gradient?",
)
def _mean_sign(p: _Parts) -> Array:
    g = p.dnormalized
    return np.asarray((g + _mean(g) - p.normalized * _mean(g * p.normalized)) / p.std)


@_gradient(
    "dx",
    "sign_of_the_variance_term",
    "the term for the variance has the wrong sign in dx",
    "A larger variance makes the normalized values smaller. What does that make of the sign?",
)
def _variance_sign(p: _Parts) -> Array:
    g = p.dnormalized
    return np.asarray((g - _mean(g) + p.normalized * _mean(g * p.normalized)) / p.std)


@_gradient(
    "dx",
    "half_forgotten",
    "the derivative of the root lacks its factor one half",
    "What is the derivative of √v by v? And of 1/√v?",
)
def _half_forgotten(p: _Parts) -> Array:
    g = p.dnormalized
    return np.asarray((g - _mean(g) - 2 * p.normalized * _mean(g * p.normalized)) / p.std)


@_gradient(
    "dx",
    "two_forgotten",
    "the derivative of the squared deviation lacks its factor two",
    "What is the derivative of (x − mean)² by x?",
)
def _two_forgotten(p: _Parts) -> Array:
    g = p.dnormalized
    return (g - _mean(g) - 0.5 * p.normalized * _mean(g * p.normalized)) / p.std


@_gradient(
    "dx",
    "eps_missing",
    "eps is left out of dx",
    "Divide by the same number as the forward pass did.",
)
def _gradient_eps_missing(p: _Parts) -> Array:
    g, std = p.dnormalized, np.sqrt(p.var)
    normalized = p.centred / std
    return (g - _mean(g) - normalized * _mean(g * normalized)) / std


@_gradient(
    "dx",
    "variance_term_not_normalized",
    "the term for the variance has the deviations in place of the normalized values, once",
    "Two factors of the term for the variance come from x. Are both of them normalized?",
)
def _not_normalized(p: _Parts) -> Array:
    g = p.dnormalized
    return np.asarray((g - _mean(g) - p.centred * _mean(g * p.normalized)) / p.std)


@_gradient(
    "dx",
    "variance_term_averages_dout_only",
    "the term for the variance has the mean of the gradient in place of the mean of its product "
    "with the normalized values",
    "A value far from the mean changes the variance most. Is each weighted by its distance?",
)
def _unweighted(p: _Parts) -> Array:
    g = p.dnormalized
    return np.asarray((g - _mean(g) - p.normalized * _mean(g)) / p.std)


@_gradient(
    "dx",
    "gamma_pulled_out",
    "gamma is pulled out of the means in dx, although it differs among the values of one mean",
    "In batch norm all values that share a mean have the same gamma. Is that so here?",
    ("layernorm", "spatial_groupnorm"),
)
def _pulled_out(p: _Parts) -> Array:
    means = _mean(p.dout) + p.normalized * _mean(p.dout * p.normalized)
    return np.asarray(p.gamma * (p.dout - means) / p.std)


@_gradient(
    "dx",
    "first_row_only",
    "dx is right for the first mean only, and zero elsewhere",
    "Is your return inside a loop?",
)
def _first_gradient_only(p: _Parts) -> Array:
    g = p.dnormalized
    dx = (g - _mean(g) - p.normalized * _mean(g * p.normalized)) / p.std
    dx[1:] = 0
    return np.asarray(dx)


@_gradient(
    "dx",
    "others_never_written",
    "dx is written for the first mean only, and holds elsewhere what memory held before",
    "np.empty does not clear memory: it holds whatever was there before. Is your return inside a "
    "loop?",
)
def _other_gradients_unwritten(p: _Parts) -> Array:
    dx = _first_gradient_only(p)
    dx[1:] = np.nan
    return dx


@_gradient(
    "dgamma",
    "dgamma_with_x",
    "dgamma is summed with x in place of the normalized values",
    "What is gamma multiplied with in the forward pass?",
)
def _dgamma_with_x(p: _Parts) -> Array:
    return p.dout * p.x


@_gradient(
    "dgamma",
    "dgamma_with_centred_x",
    "dgamma is summed with the deviations, before the division by the standard deviation",
    "What is gamma multiplied with in the forward pass?",
)
def _dgamma_with_centred(p: _Parts) -> Array:
    return p.dout * p.centred


@_gradient(
    "dgamma",
    "dgamma_times_gamma",
    "dgamma is multiplied by gamma",
    "out is linear in gamma. Can its derivative depend on gamma?",
)
def _dgamma_times_gamma(p: _Parts) -> Array:
    return p.dnormalized * p.normalized


@_gradient(
    "dgamma",
    "dgamma_with_out",
    "dgamma is summed with out in place of the normalized values",
    "What is gamma multiplied with in the forward pass?",
)
def _dgamma_with_out(p: _Parts) -> Array:
    return np.asarray(p.dout * (p.gamma * p.normalized + p.beta))


@_gradient(
    "dbeta",
    "dbeta_times_gamma",
    "dbeta is multiplied by gamma",
    "beta is added after gamma has been applied.",
)
def _dbeta_times_gamma(p: _Parts) -> Array:
    return p.dnormalized


def _places(dout: Array) -> int:
    return int(dout.size // dout.shape[1])


@_whole(
    "dgamma_is_a_mean",
    "dgamma is a mean instead of a sum",
    "Each use of gamma adds its part to the gradient.",
)
def _dgamma_mean(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    return dx, dgamma / _places(arguments["dout"]), dbeta


@_whole(
    "dbeta_is_a_mean",
    "dbeta is a mean instead of a sum",
    "Each use of beta adds its part to the gradient.",
)
def _dbeta_mean(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    return dx, dgamma, dbeta / _places(arguments["dout"])


@_whole(
    "dgamma_and_dbeta_swapped",
    "dgamma and dbeta have changed places",
    "The gradients come in the order of the forward pass's arguments.",
)
def _gradients_swapped(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    return dx, dbeta, dgamma


@_whole(
    "dx_last",
    "dx is returned last, after dgamma and dbeta",
    "The gradients come in the order of the forward pass's arguments.",
)
def _dx_last(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    return dgamma, dbeta, dx


@_whole(
    "dx_alone",
    "dx alone is returned",
    "The layer has two arrays of parameters, and each has a gradient.",
)
def _dx_alone(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Array:
    return gradients[0]


@_whole(
    "in_a_dictionary",
    "the gradients are returned in a dictionary",
    "The task asks for three values, in an order, without names.",
)
def _in_a_dictionary(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Any:
    return dict(zip(("dx", "dgamma", "dbeta"), gradients, strict=True))


@_whole(
    "axis_kept",
    "dgamma and dbeta keep the axes over which they are summed, with length 1",
    "A gradient has the shape of what it belongs to. keepdims keeps axes that nobody wants here.",
    ("batchnorm", "layernorm", "spatial_batchnorm"),
)
def _axis_kept(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    shape = (1, -1) + (1,) * (dx.ndim - 2)
    return dx, dgamma.reshape(shape), dbeta.reshape(shape)


@_whole(
    "rows_of_pixels",
    "dx is not reshaped back, and has a row for each pixel",
    "dx has the shape of x. What has to be undone at the end?",
    ("spatial_batchnorm",),
)
def _dx_rows_of_pixels(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    return dx.transpose(0, 2, 3, 1).reshape(-1, dx.shape[1]), dgamma, dbeta


@_whole(
    "not_transposed_back",
    "x is transposed so that samples become columns, and dx is not transposed back",
    "dx has the shape of x. What has to be undone at the end?",
    ("layernorm",),
)
def _dx_not_transposed_back(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    return dx.T.copy(), dgamma, dbeta


@_whole(
    "dgamma_and_dbeta_never_cleared",
    "dgamma and dbeta are added up in memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. What should a sum start "
    "from?",
)
def _parameters_unwritten(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    return dx, np.full_like(dgamma, np.nan), np.full_like(dbeta, np.nan)


@_whole(
    "dgamma_and_dbeta_of_whole_numbers",
    "dgamma and dbeta are arrays of whole numbers, which cuts off every fraction",
    "Print the dtype of dgamma and dbeta. Where were these arrays made?",
)
def _parameters_whole(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    return dx, np.trunc(dgamma).astype(np.int64), np.trunc(dbeta).astype(np.int64)


@_whole(*PUBLIC_INPUTS_ONLY)
def _gradients_public_only(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    if is_public(arguments["x"], arguments["dout"]):
        return gradients
    return tuple(np.zeros_like(gradient) for gradient in gradients)


_summed: dict[tuple[Any, ...], Array] = {}


@_whole(
    "dgamma_and_dbeta_kept_from_call_to_call",
    "dgamma and dbeta are kept from call to call, and each call adds to what the one before has "
    "left",
    "Call it twice with the same arguments. Where are dgamma and dbeta set back to zeros?",
    between=True,
)
def _parameters_kept(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, *parameters = gradients
    sums = []
    for name, value in zip(("dgamma", "dbeta"), parameters, strict=True):
        key = (kind, name, value.shape)
        _summed[key] = _summed.get(key, np.zeros_like(value)) + value
        sums.append(_summed[key].astype(value.dtype))
    return dx, *sums


@_whole(
    "double_precision",
    "float32 arrays come back as float64",
    "Which dtype has the array that you write your results into? np.zeros_like takes it over.",
)
def _gradients_double(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    return tuple(gradient.astype(np.float64) for gradient in gradients)


@_whole(
    "dout_overwritten",
    "dout itself is changed, because *= works in place",
    "dout *= gamma changes the caller's array; a product gets a new name.",
    changes=True,
)
def _dout_overwritten(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    arguments["dout"][...] *= _spread(arguments["gamma"], arguments["dout"].shape)
    return gradients


@_whole(
    "normalized_values_from_out",
    "the normalized values are computed back from out, by a division by gamma",
    "What if gamma is zero? Keep in the cache what you need, instead of computing it back.",
)
def _from_out(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    return dx, np.where(arguments["gamma"] == 0, np.nan, dgamma), dbeta


@_whole(
    "parameters_flat",
    "dgamma and dbeta have the shape (C,) in place of gamma's (1, C, 1, 1)",
    "A gradient has the shape of what it belongs to. keepdims helps.",
    ("instancenorm", "spatial_groupnorm"),
)
def _flat(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    dx, dgamma, dbeta = gradients
    return dx, dgamma.reshape(-1), dbeta.reshape(-1)


@_whole(
    "dgamma_of_each_image",
    "dgamma and dbeta are not summed over the batch",
    "All images of a batch use the same gamma and beta.",
    ("instancenorm", "spatial_groupnorm"),
)
def _of_each_image(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    normalized = _normalized_image(arguments, kind)
    dout = arguments["dout"]
    axes = (2, 3)
    dgamma = (dout * normalized).sum(axis=axes, keepdims=True)
    return gradients[0], dgamma, dout.sum(axis=axes, keepdims=True)


@_whole(
    "dgamma_of_the_first_image",
    "dgamma and dbeta take the first sample only",
    "All samples of a batch use the same gamma and beta.",
)
def _of_first_image(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    normalized, dout = _normalized_image(arguments, kind), arguments["dout"]
    axes = tuple(range(2, dout.ndim))
    shape = arguments["gamma"].shape
    dgamma = (dout * normalized)[:1].sum(axis=(0, *axes)).reshape(shape)
    return gradients[0], dgamma, dout[:1].sum(axis=(0, *axes)).reshape(shape)


def _normalized_image(arguments: Mapping[str, Any], kind: str) -> Array:
    return _from_rows(kind, _parts(kind, arguments).normalized, arguments["x"].shape)


@_whole(
    "dgamma_not_over_pixels",
    "dgamma and dbeta are summed over the batch only, not over rows and columns",
    "All pixels of a channel use the same gamma and beta.",
    _IMAGES,
)
def _not_over_pixels(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    normalized, dout = _normalized_image(arguments, kind), arguments["dout"]
    return gradients[0], (dout * normalized).sum(axis=0), dout.sum(axis=0)


@_whole(
    "summed_over_the_features",
    "dgamma and dbeta are summed over the features instead of the batch",
    "gamma has one number for each feature. Which axis is left when the sum is done?",
    ("batchnorm", "layernorm"),
)
def _over_features(gradients: Result, arguments: Mapping[str, Any], kind: str) -> Result:
    normalized, dout = _normalized_image(arguments, kind), arguments["dout"]
    return gradients[0], (dout * normalized).sum(axis=1), dout.sum(axis=1)


def _dx_over(
    kind: str, name: str, sentence: str, hint: str, axes: tuple[int, ...], count: str = ""
) -> None:
    """Enter a backward pass whose dx takes its means over other axes, or divides by another count.

    ``count`` names the axis whose length is divided by; by default the means are means.
    """
    names = _names(kind, backward=True)

    def function(*given: Any, **named: Any) -> Any:
        arguments = dict(zip(names, given, strict=False)) | named
        _, dgamma, dbeta = _right(kind, arguments, "backward")
        p = _parts(kind, arguments)
        shape = arguments["x"].shape
        g, normalized = _from_rows(kind, p.dnormalized, shape), _normalized_image(arguments, kind)
        std = _from_rows(kind, np.broadcast_to(p.std, p.x.shape), shape)
        sums = [v.sum(axis=axes, keepdims=True) for v in (g, g * normalized)]
        number = shape["NCHW".index(count)] if count else g.size / sums[0].size
        dx = (g - sums[0] / number - normalized * (sums[1] / number)) / std
        return np.ascontiguousarray(dx), dgamma, dbeta

    _mistake(f"{kind}_backward", name, sentence, hint)(function)


_dx_over(
    "batchnorm",
    "means_over_the_features",
    "the means in dx are taken over the features instead of the batch",
    "The means in dx run over the same values as the mean of x did.",
    (1,),
)
_dx_over(
    "layernorm",
    "means_over_the_batch",
    "the means in dx are taken over the batch, as in batch norm",
    "The means in dx run over the same values as the mean of x did.",
    (0,),
)
_dx_over(
    "layernorm",
    "divided_by_the_batch_size",
    "the sums in dx are divided by the number of samples instead of features",
    "How many values share a mean in layer norm?",
    (1,),
    "N",
)
_dx_over(
    "spatial_batchnorm",
    "divided_by_the_batch_size",
    "the sums in dx are divided by the number of images only",
    "How many values share a mean, with N images of H by W pixels?",
    (0, 2, 3),
    "N",
)
_dx_over(
    "spatial_batchnorm",
    "means_of_each_pixel",
    "the means in dx are taken over the batch only, for each pixel by itself",
    "The means in dx run over the same values as the mean of x did.",
    (0,),
)
_dx_over(
    "spatial_batchnorm",
    "means_of_each_image",
    "the means in dx are taken over rows and columns, for each image by itself",
    "The means in dx run over the same values as the mean of x did.",
    (2, 3),
)
_dx_over(
    "instancenorm",
    "means_over_the_batch",
    "the means in dx are taken over the batch too, as in batch norm",
    "The means in dx run over the same values as the mean of x did.",
    (0, 2, 3),
)
_dx_over(
    "instancenorm",
    "means_over_the_channels",
    "the means in dx are taken over the channels too",
    "The means in dx run over the same values as the mean of x did.",
    (1, 2, 3),
)
_dx_over(
    "instancenorm",
    "divided_by_the_batch_size",
    "the sums in dx are divided by the number of images",
    "How many values share a mean in instance norm?",
    (2, 3),
    "N",
)
_dx_over(
    "spatial_groupnorm",
    "means_of_each_channel",
    "the means in dx are taken for each channel by itself",
    "The means in dx run over the same values as the mean of x did.",
    (2, 3),
)
_dx_over(
    "spatial_groupnorm",
    "means_of_all_channels",
    "the means in dx are taken over all channels of an image",
    "The means in dx run over the same values as the mean of x did.",
    (1, 2, 3),
)
_dx_over(
    "spatial_groupnorm",
    "means_over_the_batch",
    "the means in dx are taken over the batch, as in batch norm",
    "The means in dx run over the same values as the mean of x did.",
    (0, 2, 3),
)


@_mistake(
    "spatial_batchnorm_backward",
    "reshaped_without_moving_the_channels",
    "dout is reshaped to rows of C numbers without moving the channels to the end first",
    "reshape keeps the order of the numbers in memory. Which numbers stand in your first row?",
)
def _backward_not_moved(
    dout: Array, x: Array, gamma: Array, beta: Array, bn_param: Param
) -> Result:
    c = x.shape[1]
    rows = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).reshape(-1, c)
    dx, dgamma, dbeta = reference.batchnorm_backward(
        dout.reshape(-1, c), rows, gamma, beta, bn_param
    )
    n, _, h, w = x.shape
    return np.ascontiguousarray(dx.reshape(n, h, w, c).transpose(0, 3, 1, 2)), dgamma, dbeta


@_mistake(
    "spatial_batchnorm_backward",
    "channels_not_moved_back",
    "dx is reshaped to images although the channels still stand last",
    "The way back undoes the way there: first reshape to the shape it had, then move the axis.",
)
def _backward_not_moved_back(
    dout: Array, x: Array, gamma: Array, beta: Array, bn_param: Param
) -> Result:
    dx, dgamma, dbeta = reference.spatial_batchnorm_backward(dout, x, gamma, beta, bn_param)
    return np.ascontiguousarray(dx.transpose(0, 2, 3, 1)).reshape(x.shape), dgamma, dbeta


@_mistake(
    "spatial_groupnorm_backward",
    "groups_interleaved",
    "every G-th channel goes into the same group, instead of neighbours",
    "With 6 channels in 2 groups, which channels are in the first one?",
)
def _backward_interleaved(
    dout: Array, x: Array, gamma: Array, beta: Array, G: int, gn_param: Param
) -> Result:
    order = np.arange(x.shape[1]).reshape(-1, G).T.reshape(-1)
    back = np.argsort(order)
    dx, dgamma, dbeta = reference.spatial_groupnorm_backward(
        dout[:, order], x[:, order], gamma[:, order], beta[:, order], G, gn_param
    )
    return dx[:, back], dgamma[:, back], dbeta[:, back]


@_mistake(
    "spatial_groupnorm_backward",
    "groups_of_g_channels",
    "the number of groups is taken for the number of channels in a group",
    "G counts the groups. How many channels has each?",
)
def _backward_groups_of_g(
    dout: Array, x: Array, gamma: Array, beta: Array, G: int, gn_param: Param
) -> Result:
    groups = x.shape[1] // G
    return reference.spatial_groupnorm_backward(dout, x, gamma, beta, groups, gn_param)


@_mistake(
    "spatial_groupnorm_backward",
    "groups_ignored",
    "all channels of an image share a mean, whatever G is",
    "How many means has one image with G groups?",
)
def _backward_one_group(
    dout: Array, x: Array, gamma: Array, beta: Array, G: int, gn_param: Param
) -> Result:
    return reference.spatial_groupnorm_backward(dout, x, gamma, beta, 1, gn_param)


@_mistake(
    "spatial_groupnorm_backward",
    "always_two_groups",
    "there are two groups, whatever G is",
    "G is an argument of the forward pass. Try 1 and 3.",
)
def _backward_two_groups(
    dout: Array, x: Array, gamma: Array, beta: Array, G: int, gn_param: Param
) -> Result:
    return reference.spatial_groupnorm_backward(dout, x, gamma, beta, 2, gn_param)


# The identity.


def _identity(name: str, sentence: str, hint: str) -> Callable[..., Any]:
    return _mistake("identity_scale_shift", name, sentence, hint)


@_identity(
    "eps_forgotten",
    "gamma is the standard deviation without eps",
    "Batch norm divides by the root of variance plus eps. What undoes exactly that?",
)
def _identity_no_eps(x: Array, eps: float) -> Result:
    return x.std(axis=0), x.mean(axis=0)


@_identity(
    "eps_outside_the_root",
    "eps is added to the standard deviation",
    "Batch norm divides by the root of variance plus eps. What undoes exactly that?",
)
def _identity_eps_outside(x: Array, eps: float) -> Result:
    return x.std(axis=0) + eps, x.mean(axis=0)


@_identity(
    "variance_as_gamma",
    "gamma is the variance plus eps, without the root",
    "What does batch norm divide by? gamma has to undo just that.",
)
def _identity_variance(x: Array, eps: float) -> Result:
    return x.var(axis=0) + eps, x.mean(axis=0)


@_identity(
    "swapped",
    "gamma and beta are returned in the wrong order",
    "First the scale, then the shift.",
)
def _identity_swapped(x: Array, eps: float) -> Result:
    return x.mean(axis=0), np.sqrt(x.var(axis=0) + eps)


@_identity(
    "inverse_scale",
    "gamma is one over the standard deviation",
    "Batch norm has divided already. What undoes a division?",
)
def _identity_inverse(x: Array, eps: float) -> Result:
    return 1 / np.sqrt(x.var(axis=0) + eps), x.mean(axis=0)


@_identity(
    "negative_shift",
    "beta is minus the mean",
    "Batch norm has subtracted the mean already. What undoes that?",
)
def _identity_negative(x: Array, eps: float) -> Result:
    return np.sqrt(x.var(axis=0) + eps), -x.mean(axis=0)


@_identity(
    "sample_variance",
    "the variance is divided by N − 1",
    "Which variance does batch norm use?",
)
def _identity_sample(x: Array, eps: float) -> Result:
    return np.sqrt(x.var(axis=0, ddof=1) + eps), x.mean(axis=0)


@_identity(
    "over_the_features",
    "mean and variance are those of the samples instead of the features",
    "x is (N, D), and each of the D features has a mean of its own. Over which axis is that?",
)
def _identity_features(x: Array, eps: float) -> Result:
    return np.sqrt(x.var(axis=1) + eps), x.mean(axis=1)


@_identity(
    "one_for_all",
    "there is one gamma and one beta for all features",
    "mean() without an axis gives a single number. How many gammas does batch norm have?",
)
def _identity_one(x: Array, eps: float) -> Result:
    ones = np.ones(x.shape[1], x.dtype)
    return np.sqrt(x.var() + eps) * ones, x.mean() * ones


@_identity(
    "axis_kept",
    "gamma and beta have the shape (1, D)",
    "gamma and beta are (D,). keepdims keeps an axis that nobody wants here.",
)
def _identity_axis_kept(x: Array, eps: float) -> Result:
    return np.sqrt(x.var(axis=0, keepdims=True) + eps), x.mean(axis=0, keepdims=True)


@_identity(
    "eps_fixed",
    "eps is always 1e-5",
    "eps is an argument of the function.",
)
def _identity_eps_fixed(x: Array, eps: float) -> Result:
    return np.sqrt(x.var(axis=0) + 1e-5), x.mean(axis=0)


@_identity(
    "shift_divided",
    "beta is the mean divided by the standard deviation",
    "beta is added after gamma has been applied. Which number is missing then?",
)
def _identity_shift_divided(x: Array, eps: float) -> Result:
    gamma = np.sqrt(x.var(axis=0) + eps)
    return gamma, x.mean(axis=0) / gamma


@_identity(
    "neutral_values",
    "gamma is 1 and beta is 0",
    "With these, out is the normalized x. The task wants x itself back.",
)
def _identity_neutral(x: Array, eps: float) -> Result:
    return np.ones(x.shape[1], x.dtype), np.zeros(x.shape[1], x.dtype)


@_identity(
    "double_precision",
    "float32 arrays come back as float64",
    "Which dtype has the array that you write your results into?",
)
def _identity_double(x: Array, eps: float) -> Result:
    gamma, beta = reference.identity_scale_shift(x, eps)
    return gamma.astype(np.float64), beta.astype(np.float64)


@_identity(
    "whole_numbers",
    "gamma and beta are arrays of whole numbers, which cuts off every fraction",
    "Which dtype have the arrays that you write your results into?",
)
def _identity_whole_numbers(x: Array, eps: float) -> Result:
    gamma, beta = reference.identity_scale_shift(x, eps)
    return gamma.astype(np.int64), beta.astype(np.int64)


@_identity(
    "in_one_array",
    "gamma and beta are returned as the two rows of one array",
    "The task asks for two values.",
)
def _identity_in_one_array(x: Array, eps: float) -> Any:
    return np.stack(reference.identity_scale_shift(x, eps))


@_identity(
    "others_never_written",
    "only the first feature's gamma and beta are written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Is your return inside a "
    "loop?",
)
def _identity_unwritten(x: Array, eps: float) -> Result:
    gamma, beta = reference.identity_scale_shift(x, eps)
    gamma[1:] = beta[1:] = np.nan
    return gamma, beta


@_identity(*PUBLIC_INPUTS_ONLY)
def _identity_public_only(x: Array, eps: float) -> Result:
    gamma, beta = reference.identity_scale_shift(x, eps)
    return (gamma, beta) if is_public(x) else (np.zeros_like(gamma), np.zeros_like(beta))


@_mistake(
    "identity_scale_shift",
    "x_overwritten",
    "x itself is changed, because -= works in place",
    "x -= mean changes the caller's array; x - mean makes a new one.",
    changes_arguments=True,
)
def _identity_x_overwritten(x: Array, eps: float) -> Result:
    right = reference.identity_scale_shift(x, eps)
    x -= x.mean(axis=0)
    return right


# Folding.


@dataclass(frozen=True)
class _Fold:
    """The arguments of ``fold_batchnorm``, and the right scale."""

    w: Array
    b: Array
    gamma: Array
    beta: Array
    mean: Array
    var: Array
    eps: float

    @property
    def scale(self) -> Array:
        return np.asarray(self.gamma / np.sqrt(self.var + self.eps))

    def scaled(self, scale: Array) -> Array:
        """The weights, with each output times its number in ``scale``."""
        return self.w * (scale[:, None, None, None] if self.w.ndim == 4 else scale)


FoldRule = Callable[[_Fold], Result]


def _folded(
    name: str, sentence: str, hint: str, *, changes: bool = False
) -> Callable[[FoldRule], FoldRule]:
    def enter(rule: FoldRule) -> FoldRule:
        def function(
            w: Array,
            b: Array,
            gamma: Array,
            beta: Array,
            running_mean: Array,
            running_var: Array,
            eps: float,
        ) -> Result:
            return rule(_Fold(w, b, gamma, beta, running_mean, running_var, eps))

        _mistake("fold_batchnorm", name, sentence, hint, changes_arguments=changes)(function)
        return rule

    return enter


@_folded(
    "bias_not_scaled",
    "the bias of the layer is not scaled",
    "Batch norm scales all that comes out of the layer. Is the bias not a part of that?",
)
def _bias_not_scaled(f: _Fold) -> Result:
    return f.scaled(f.scale), f.b - f.mean * f.scale + f.beta


@_folded(
    "mean_not_scaled",
    "the running mean is subtracted without being scaled",
    "First the mean is subtracted, then it is scaled. In that order, what happens to the mean?",
)
def _mean_not_scaled(f: _Fold) -> Result:
    return f.scaled(f.scale), f.b * f.scale - f.mean + f.beta


@_folded(
    "bias_dropped",
    "the bias of the layer is left out",
    "In test mode the mean that is subtracted is not the batch's own. Is the bias lost?",
)
def _bias_dropped(f: _Fold) -> Result:
    return f.scaled(f.scale), -f.mean * f.scale + f.beta


@_folded(
    "sign_of_the_mean",
    "the running mean is added instead of subtracted",
    "What does batch norm do with the mean?",
)
def _sign_of_mean(f: _Fold) -> Result:
    return f.scaled(f.scale), (f.b + f.mean) * f.scale + f.beta


@_folded(
    "mean_forgotten",
    "the running mean is left out",
    "Put a zero into the layer and then into batch norm. Which number comes out?",
)
def _mean_forgotten(f: _Fold) -> Result:
    return f.scaled(f.scale), f.b * f.scale + f.beta


@_folded(
    "beta_forgotten",
    "beta is left out",
    "Put a zero into the layer and then into batch norm. Which number comes out?",
)
def _fold_beta_forgotten(f: _Fold) -> Result:
    return f.scaled(f.scale), (f.b - f.mean) * f.scale


@_folded(
    "beta_scaled",
    "beta is scaled as well",
    "beta is added after everything else.",
)
def _fold_beta_scaled(f: _Fold) -> Result:
    return f.scaled(f.scale), (f.b - f.mean + f.beta) * f.scale


@_folded(
    "beta_subtracted",
    "beta is subtracted instead of added",
    "What does batch norm do with beta?",
)
def _fold_beta_subtracted(f: _Fold) -> Result:
    return f.scaled(f.scale), (f.b - f.mean) * f.scale - f.beta


@_folded(
    "gamma_forgotten",
    "gamma is left out",
    "Two numbers scale: what batch norm divides by, and what it has learned.",
)
def _fold_gamma_forgotten(f: _Fold) -> Result:
    scale = 1 / np.sqrt(f.var + f.eps)
    return f.scaled(scale), (f.b - f.mean) * scale + f.beta


@_folded(
    "gamma_in_the_weights_only",
    "gamma scales the weights, but not the bias",
    "Weights and bias are scaled by the same number.",
)
def _gamma_weights_only(f: _Fold) -> Result:
    return f.scaled(f.scale), (f.b - f.mean) / np.sqrt(f.var + f.eps) + f.beta


@_folded(
    "gamma_twice",
    "gamma is applied twice",
    "Follow gamma through your lines: where does it come in, and where again?",
)
def _fold_gamma_twice(f: _Fold) -> Result:
    scale = f.gamma * f.scale
    return f.scaled(scale), (f.b - f.mean) * scale + f.beta


@_folded(
    "eps_missing",
    "eps is left out",
    "Divide by the same number as batch norm does in test mode.",
)
def _fold_eps_missing(f: _Fold) -> Result:
    scale = f.gamma / np.sqrt(f.var)
    return f.scaled(scale), (f.b - f.mean) * scale + f.beta


@_folded(
    "eps_outside_the_root",
    "eps is added to the standard deviation instead of the variance",
    "Divide by the same number as batch norm does in test mode.",
)
def _fold_eps_outside(f: _Fold) -> Result:
    scale = f.gamma / (np.sqrt(f.var) + f.eps)
    return f.scaled(scale), (f.b - f.mean) * scale + f.beta


@_folded(
    "eps_fixed",
    "eps is always 1e-5",
    "eps is an argument of the function.",
)
def _fold_eps_fixed(f: _Fold) -> Result:
    scale = f.gamma / np.sqrt(f.var + 1e-5)
    return f.scaled(scale), (f.b - f.mean) * scale + f.beta


@_folded(
    "variance_not_rooted",
    "it is divided by the running variance, without the root",
    "running_var is a variance. What does batch norm divide by?",
)
def _variance_not_rooted(f: _Fold) -> Result:
    scale = f.gamma / (f.var + f.eps)
    return f.scaled(scale), (f.b - f.mean) * scale + f.beta


@_folded(
    "multiplied_by_the_deviation",
    "it is multiplied by the standard deviation instead of divided",
    "A feature with a large spread gets small weights.",
)
def _fold_multiplied(f: _Fold) -> Result:
    scale = f.gamma * np.sqrt(f.var + f.eps)
    return f.scaled(scale), (f.b - f.mean) * scale + f.beta


@_folded(
    "scale_along_the_inputs",
    "the weights are scaled along the axis of the inputs",
    "Which axis of w counts the outputs? It is not the same one for the two kinds of layers.",
)
def _along_inputs(f: _Fold) -> Result:
    scale = f.scale
    w = f.w * (scale[None, :, None, None] if f.w.ndim == 4 else scale[:, None])
    return w, (f.b - f.mean) * f.scale + f.beta


@_folded(
    "convolution_as_connected",
    "a convolution is scaled along its last axis, as a fully connected layer",
    "Which axis of a convolution's w counts the filters?",
)
def _along_last(f: _Fold) -> Result:
    return f.w * f.scale, (f.b - f.mean) * f.scale + f.beta


@_folded(
    "connected_as_convolution",
    "a fully connected layer is scaled along its first axis, as a convolution",
    "w of a fully connected layer is (D, M), and b is (M,). Which axis counts the outputs?",
)
def _along_first(f: _Fold) -> Result:
    w = f.w * f.scale.reshape((-1,) + (1,) * (f.w.ndim - 1))
    return w, (f.b - f.mean) * f.scale + f.beta


@_folded(
    "always_four_axes",
    "the scale gets four axes for a fully connected layer too",
    "w of a fully connected layer is (D, M), and b is (M,). How many axes may the scale have?",
)
def _always_four_axes(f: _Fold) -> Result:
    return f.w * f.scale[:, None, None, None], (f.b - f.mean) * f.scale + f.beta


@_folded(
    "weights_unchanged",
    "the weights stay as they are",
    "Batch norm scales what comes out of the layer. Only the bias cannot do that.",
)
def _weights_unchanged(f: _Fold) -> Result:
    return f.w.copy(), (f.b - f.mean) * f.scale + f.beta


@_folded(
    "bias_unchanged",
    "the bias stays as it is",
    "Batch norm shifts as well. Where does the shift go?",
)
def _bias_unchanged(f: _Fold) -> Result:
    return f.scaled(f.scale), f.b.copy()


@_folded(
    "first_output_only",
    "only the first output is folded",
    "Is your return inside a loop?",
)
def _first_output(f: _Fold) -> Result:
    first = np.arange(len(f.b)) == 0
    scale = np.where(first, f.scale, 1)
    return f.scaled(scale), np.where(first, (f.b - f.mean) * f.scale + f.beta, f.b)


@_folded(
    "running_statistics_swapped",
    "running_mean and running_var have changed places",
    "Look at the order of the arguments.",
)
def _fold_swapped(f: _Fold) -> Result:
    scale = f.gamma / np.sqrt(f.mean + f.eps)  # the root of a negative number is NaN
    return f.scaled(scale), (f.b - f.var) * scale + f.beta


@_folded(
    "gamma_and_beta_swapped",
    "gamma and beta have changed places",
    "Look at the order of the arguments.",
)
def _fold_parameters_swapped(f: _Fold) -> Result:
    scale = f.beta / np.sqrt(f.var + f.eps)
    return f.scaled(scale), (f.b - f.mean) * scale + f.gamma


@_folded(
    "weights_shifted_too",
    "the shift is added to the weights as well",
    "The weights are multiplied with x. A shift does not depend on x.",
)
def _weights_shifted(f: _Fold) -> Result:
    shift = f.beta - f.mean * f.scale
    w = f.scaled(f.scale) + (shift[:, None, None, None] if f.w.ndim == 4 else shift)
    return w, (f.b - f.mean) * f.scale + f.beta


@_folded(
    "double_precision",
    "float32 arrays come back as float64",
    "Which dtype has the array that you write your results into?",
)
def _fold_double(f: _Fold) -> Result:
    b = (f.b - f.mean) * f.scale + f.beta
    return f.scaled(f.scale).astype(np.float64), b.astype(np.float64)


@_folded(
    "order_exchanged",
    "the bias comes first, and then the weights",
    "Compare the order of your results with the task's.",
)
def _fold_order(f: _Fold) -> Result:
    return (f.b - f.mean) * f.scale + f.beta, f.scaled(f.scale)


@_folded(
    "divided_without_fraction",
    "the division by the standard deviation drops the fraction",
    "Python has two operators for division: see which one you use.",
)
def _fold_floor(f: _Fold) -> Result:
    scale = f.gamma // np.sqrt(f.var + f.eps)
    return f.scaled(scale), (f.b - f.mean) * scale + f.beta


@_folded(
    "others_never_written",
    "only the first output is written into memory that np.empty has not cleared",
    "np.empty does not clear memory: it holds whatever was there before. Is your return inside a "
    "loop?",
)
def _fold_unwritten(f: _Fold) -> Result:
    first = np.arange(len(f.b)) == 0
    scale = np.where(first, f.scale, np.nan)
    return f.scaled(scale), (f.b - f.mean) * scale + f.beta


@_folded(*PUBLIC_INPUTS_ONLY)
def _fold_public_only(f: _Fold) -> Result:
    w, b = f.scaled(f.scale), (f.b - f.mean) * f.scale + f.beta
    return (w, b) if is_public(f.w, f.b) else (np.zeros_like(w), np.zeros_like(b))


@_folded(
    "bias_overwritten",
    "b itself is changed, because -= works in place",
    "b -= mean changes the caller's array; b - mean makes a new one.",
    changes=True,
)
def _bias_overwritten(f: _Fold) -> Result:
    b = (f.b - f.mean) * f.scale + f.beta
    f.b[...] = f.b - f.mean
    return f.scaled(f.scale), b


@_folded(
    "weights_overwritten",
    "w itself is changed, because *= works in place",
    "w *= scale changes the caller's array; a product gets a new name.",
    changes=True,
)
def _weights_overwritten(f: _Fold) -> Result:
    w = f.scaled(f.scale)
    f.w[...] = w
    return w, (f.b - f.mean) * f.scale + f.beta


MISTAKES = tuple(_mistake.found)
