"""How the tasks of the normalization assignment are called, and what both of its suites share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..agreement import is_single, same
from ..assertions import speed
from ..vectors import Case, Outcome
from .calling import Call, Protocol

__all__ = [
    "ARRAYS",
    "BACKWARD",
    "FORWARD",
    "LAYERS",
    "OUTPUT",
    "PROTOCOL",
    "STATELESS",
    "TIMED",
    "TIMINGS",
    "VECTORIZED",
    "WITH_STATE",
    "arguments_of",
    "growing",
    "output_only",
    "shape_of",
]

WITH_STATE = ("batchnorm_forward_naive", "batchnorm_forward", "spatial_batchnorm_forward")
STATELESS = ("layernorm_forward", "instancenorm_forward", "spatial_groupnorm_forward")
FORWARD = (*WITH_STATE, *STATELESS)
BACKWARD = (
    "batchnorm_backward_naive",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "spatial_batchnorm_backward",
    "layernorm_backward",
    "instancenorm_backward",
    "spatial_groupnorm_backward",
)
LAYERS = (*FORWARD, *BACKWARD)
ARRAYS = (*LAYERS, "identity_scale_shift", "fold_batchnorm")
VECTORIZED = tuple(task for task in LAYERS if not task.endswith("_naive"))
TIMED = (
    "batchnorm_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "spatial_batchnorm_forward",
    "spatial_batchnorm_backward",
)

_GRADIENTS = ("dx", "dgamma", "dbeta")
_STATE = ("bn_param", ("running_mean", "running_var"))


def _forward(operator: str, *, with_state: bool) -> Call:
    if with_state:
        names = ("out", *_STATE[1])
        return Call(operator, names, cache="returned", state=_STATE)
    return Call(operator, ("out",), cache="returned")


def _backward(operator: str, forward: str) -> Call:
    return Call(operator, _GRADIENTS, forward=forward, own_cache=True)


def _calls(*, with_state: bool) -> dict[str, Call]:
    return {
        "batchnorm_forward_naive": _forward("batchnorm_forward", with_state=with_state),
        "batchnorm_backward_naive": _backward("batchnorm_backward", "batchnorm_forward_naive"),
        "batchnorm_forward": _forward("batchnorm_forward", with_state=with_state),
        "batchnorm_backward": _backward("batchnorm_backward", "batchnorm_forward"),
        "batchnorm_backward_alt": _backward("batchnorm_backward", "batchnorm_forward"),
        "identity_scale_shift": Call("identity_scale_shift", ("gamma", "beta")),
        "fold_batchnorm": Call("fold_batchnorm", ("w", "b")),
        "spatial_batchnorm_forward": _forward("spatial_batchnorm_forward", with_state=with_state),
        "spatial_batchnorm_backward": _backward(
            "spatial_batchnorm_backward", "spatial_batchnorm_forward"
        ),
        **{
            f"{name}_forward": _forward(f"{name}_forward", with_state=False)
            for name in ("layernorm", "instancenorm", "spatial_groupnorm")
        },
        **{
            f"{name}_backward": _backward(f"{name}_backward", f"{name}_forward")
            for name in ("layernorm", "instancenorm", "spatial_groupnorm")
        },
    }


def output_only(case: Case) -> Case:
    """``case`` without the running statistics, where it has some: for :data:`OUTPUT`."""
    if case.operator not in ("batchnorm_forward", "spatial_batchnorm_forward"):
        return case

    def first() -> Sequence[Outcome]:
        return [replace(o, result=_first(o.result)) for o in case.outcomes() if _in_out(o, case)]

    return replace(case, expected=_first(case.expected), outcomes=first, search=None)


def _first(result: Any) -> Any:
    return result[0] if isinstance(result, tuple) else result


def _in_out(outcome: Outcome, case: Case) -> bool:
    """Whether an outcome shows in ``out``."""
    if outcome.raises or outcome.changed or outcome.varies or case.raises:
        return True
    return not same(_first(outcome.result), _first(case.expected), is_single(case.arguments))


PROTOCOL = Protocol("normalization", _calls(with_state=True))

OUTPUT = Protocol("normalization", _calls(with_state=False), output_only)
"""The same calls, but of batch norm ``out`` alone: the running statistics are not looked at."""

# Right answers take 0.2 to 2 yardsticks, and those that call a function for each number 20.
_LIMIT = 2.4 * speed.LIMIT


def shape_of(task: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of ``x`` for ``task``: ``(N, D)``, or ``(N, C, H, W)`` with ``C = G · K``.

    ``sizes`` gives ``N``, ``G`` groups of ``K`` channels each, ``H`` and ``W``; features are
    counted by ``G · K`` too.
    """
    channels = sizes["G"] * sizes["K"]
    if task.startswith(("batchnorm", "layernorm")):
        return sizes["N"], channels
    return sizes["N"], channels, sizes["H"], sizes["W"]


def arguments_of(
    task: str,
    rng: np.random.Generator,
    sizes: Mapping[str, int],
    dtype: Any = np.float64,
    **param: Any,
) -> dict[str, Any]:
    """Arguments of the operator of ``task`` with random values, by name.

    ``sizes`` are those of :func:`shape_of`. ``param`` goes into the dictionary of
    parameters; batch norm is in train mode unless it says otherwise. ``x`` has a mean and a spread
    of its own for each feature; ``gamma`` has both signs.
    """
    shape = shape_of(task, sizes)
    features = shape[1]
    wide = (1, features) + (1,) * (len(shape) - 2)
    x = rng.standard_normal(shape)
    # In place: for the sizes at which speed is measured, new arrays cost more than the numbers.
    x *= rng.uniform(0.5, 2, wide)
    x += rng.uniform(-2, 2, wide)
    gamma = rng.uniform(0.5, 2, features) * rng.choice([-1.0, 1.0], features)
    beta = rng.uniform(-1, 1, features)
    if task.startswith(("instancenorm", "spatial_groupnorm")):
        gamma, beta = gamma.reshape(wide), beta.reshape(wide)
    arguments: dict[str, Any] = {
        "x": x.astype(dtype, copy=False),
        "gamma": gamma.astype(dtype),
        "beta": beta.astype(dtype),
    }
    if task.startswith("spatial_groupnorm"):
        arguments["G"] = sizes["G"]
    if "batchnorm" in task:
        arguments["bn_param"] = {"mode": "train", **param}
    else:
        arguments[_PARAM[task.split("_")[-2]]] = dict(param)
    if task in BACKWARD:
        return {"dout": rng.standard_normal(shape).astype(dtype, copy=False), **arguments}
    return arguments


_PARAM = {"layernorm": "ln_param", "instancenorm": "in_param", "groupnorm": "gn_param"}


def _sizes(task: str) -> dict[str, int]:
    """Sizes of :func:`shape_of` with which ``task`` is timed: some 200,000 numbers."""
    if len(shape_of(task, {"N": 1, "G": 1, "K": 1, "H": 1, "W": 1})) == 2:
        return {"N": 500, "G": 1, "K": 400, "H": 1, "W": 1}
    return {"N": 16, "G": 1, "K": 16, "H": 28, "W": 28}


def growing(task: str) -> tuple[Mapping[str, int], Mapping[str, str]]:
    """The sizes at which steps of ``task`` are counted, and which of them grow, by name.

    ``np.vectorize`` executes a thousand opcodes before it calls its function for the first time: so
    many numbers that the calls show beside them.
    """
    sizes = {"N": 6, "G": 2, "K": 4, "H": 2, "W": 2}
    dimensions = {"samples": "N", "features": "K"}
    if len(shape_of(task, sizes)) == 4:
        dimensions = {"samples": "N", "channels": "K", "pixels": "HW"}
    if task.startswith("spatial_groupnorm"):
        dimensions["groups"] = "G"
    return sizes, dimensions


def _least(task: str) -> tuple[int, int, int, int]:
    """All of ``x``, times one row."""
    n, features, *plane = shape_of(task, _sizes(task))
    return (n, 1, features, plane[0] * plane[1]) if plane else (1, 1, n, features)


TIMINGS = {task: speed.Timing(_LIMIT, _sizes(task), _least(task)) for task in TIMED}
