"""Public inputs of the assignment ``normalization``: small numbers with one decimal place.

Groups: ``basic`` (train mode, where there is one), ``running`` (running statistics to go on from),
``test`` (test mode), ``defaults`` (settings left out), ``scale`` (gamma zero and negative, eps
large), ``ends`` (one group, and one group for each channel), ``errors``, ``float32`` (the last of
``basic``, in single precision).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from . import Entry, rounded

__all__ = ["OWN_CACHE", "entries"]

OWN_CACHE = True
"""The layout of a cache is the student's own, so a backward pass needs the forward pass's out."""

Rng = np.random.Generator


def entries() -> Iterator[Entry]:
    """Operator, label and arguments of every public case."""
    last: dict[str, Entry] = {}
    for entry in _in_double_precision():
        yield entry
        operator, label, _ = entry
        if label.startswith("basic"):
            last[operator] = entry
    for operator, label, arguments in last.values():
        yield operator, label.replace("basic", "float32"), _single(arguments)


def _single(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.astype(np.float32)
    if isinstance(value, dict):
        return {name: _single(item) for name, item in value.items()}
    return value


def _in_double_precision() -> Iterator[Entry]:
    rng = np.random.default_rng(30)
    yield from _batch(rng, "batchnorm", _ROWS)
    yield from _batch(rng, "spatial_batchnorm", _IMAGES)
    yield from _identities(rng)
    yield from _folds(rng)
    yield from _layer(rng)
    yield from _instance(rng)
    yield from _group(rng)


Settings = dict[str, Any]

_FULL: Settings = {"mode": "train", "eps": 1e-5, "momentum": 0.9}
# group, shape of x, bn_param without the running statistics, whether these are given
_ROWS: list[tuple[str, tuple[int, ...], Settings, bool]] = [
    ("basic", (4, 2), _FULL, True),
    ("basic", (5, 3), _FULL, True),
    ("running", (4, 2), {**_FULL, "momentum": 0.7}, True),
    ("defaults", (3, 2), {"mode": "train"}, False),
    ("defaults", (2, 2), {"mode": "test"}, True),
    ("test", (3, 2), {**_FULL, "mode": "test"}, True),
    ("test", (1, 3), {**_FULL, "mode": "test"}, True),
    ("scale", (4, 3), {"mode": "train", "eps": 0.5}, False),
    ("scale", (2, 3), {"mode": "test", "eps": 0.5}, True),
    ("errors", (3, 2), {**_FULL, "mode": "evaluation"}, True),
]
_IMAGES: list[tuple[str, tuple[int, ...], Settings, bool]] = [
    ("basic", (2, 2, 2, 2), _FULL, True),
    ("basic", (2, 3, 1, 2), _FULL, True),
    ("running", (3, 2, 2, 1), {**_FULL, "momentum": 0.7}, True),
    ("defaults", (2, 2, 1, 2), {"mode": "train"}, False),
    ("test", (1, 2, 1, 2), {**_FULL, "mode": "test"}, True),
    ("scale", (2, 3, 1, 2), {"mode": "train", "eps": 0.5}, False),
    ("errors", (2, 1, 1, 2), {**_FULL, "mode": "evaluation"}, True),
]


def _batch(
    rng: Rng, name: str, table: list[tuple[str, tuple[int, ...], Settings, bool]]
) -> Iterator[Entry]:
    for group, shape, settings, given in table:
        features = shape[1]
        param = dict(settings)
        if given:
            fresh = group == "basic"
            param["running_mean"] = np.zeros(features) if fresh else rounded(rng, (features,))
            param["running_var"] = (
                np.zeros(features) if fresh else np.abs(rounded(rng, (features,)))
            )
        inputs = {"x": rounded(rng, shape), **_parameters(rng, group, features), "bn_param": param}
        label = f"{group}: {_by(shape)}, {param['mode']}"
        yield f"{name}_forward", label, inputs
        if param["mode"] == "train" and group in ("basic", "scale"):
            yield f"{name}_backward", label, {"dout": rounded(rng, shape), **inputs}


def _identities(rng: Rng) -> Iterator[Entry]:
    for group, shape, eps in (
        ("basic", (4, 2), 1e-5),
        ("basic", (5, 3), 0.1),
        ("scale", (3, 2), 2),
    ):
        arguments = {"x": rounded(rng, shape), "eps": float(eps)}
        yield "identity_scale_shift", f"{group}: {_by(shape)}, eps {eps}", arguments


def _folds(rng: Rng) -> Iterator[Entry]:
    for group, shape, eps in (
        ("basic", (3, 2, 2, 2), 1e-5),
        ("basic", (2, 2, 1, 3), 0.1),
        ("connected", (3, 2), 1e-5),
        ("connected", (3, 3), 0.1),
        ("scale", (3, 1, 2, 2), 0.5),
        ("scale", (2, 3), 0.5),
    ):
        outputs = shape[0] if len(shape) == 4 else shape[1]
        yield (
            "fold_batchnorm",
            f"{group}: w {_by(shape)}, eps {eps}",
            {
                "w": rounded(rng, shape),
                "b": rounded(rng, (outputs,)),
                **_parameters(rng, group, outputs),
                "running_mean": rounded(rng, (outputs,)),
                "running_var": np.abs(rounded(rng, (outputs,))),
                "eps": eps,
            },
        )


def _layer(rng: Rng) -> Iterator[Entry]:
    for group, shape, param in (
        ("basic", (2, 3), {"eps": 1e-5}),
        ("basic", (3, 4), {"eps": 1e-5}),
        ("defaults", (2, 3), {}),
        ("scale", (3, 3), {"eps": 0.5}),
    ):
        inputs = {
            "x": rounded(rng, shape),
            **_parameters(rng, group, shape[1]),
            "ln_param": dict(param),
        }
        yield from _passes(rng, "layernorm", f"{group}: {_by(shape)}", inputs)


def _instance(rng: Rng) -> Iterator[Entry]:
    for group, shape, param in (
        ("basic", (1, 2, 2, 2), {"eps": 1e-5}),
        ("basic", (2, 2, 1, 3), {"eps": 1e-5}),
        ("defaults", (2, 1, 2, 2), {}),
        ("scale", (2, 3, 2, 1), {"eps": 0.5}),
    ):
        parameters = _parameters(rng, group, shape[1], (1, shape[1], 1, 1))
        inputs = {"x": rounded(rng, shape), **parameters, "in_param": dict(param)}
        yield from _passes(rng, "instancenorm", f"{group}: {_by(shape)}", inputs)


def _group(rng: Rng) -> Iterator[Entry]:
    for group, shape, groups, param in (
        ("basic", (1, 4, 1, 2), 2, {"eps": 1e-5}),
        ("basic", (2, 6, 2, 1), 2, {"eps": 1e-5}),
        ("ends", (2, 2, 1, 3), 1, {"eps": 1e-5}),
        ("ends", (1, 2, 2, 2), 2, {"eps": 1e-5}),
        ("defaults", (1, 4, 2, 1), 2, {}),
        ("scale", (1, 6, 1, 2), 3, {"eps": 0.5}),
        ("errors", (1, 4, 1, 2), 3, {"eps": 1e-5}),
        ("errors", (1, 3, 1, 2), 2, {"eps": 1e-5}),
    ):
        parameters = _parameters(rng, group, shape[1], (1, shape[1], 1, 1))
        inputs = {"x": rounded(rng, shape), **parameters, "G": groups, "gn_param": dict(param)}
        label = f"{group}: {_by(shape)} in {groups} groups"
        yield from _passes(rng, "spatial_groupnorm", label, inputs)


def _passes(rng: Rng, name: str, label: str, inputs: dict[str, Any]) -> Iterator[Entry]:
    yield f"{name}_forward", label, inputs
    if not label.startswith(("errors", "defaults")):
        yield f"{name}_backward", label, {"dout": rounded(rng, inputs["x"].shape), **inputs}


def _parameters(
    rng: Rng, group: str, features: int, shape: tuple[int, ...] | None = None
) -> dict[str, Any]:
    """``gamma`` and ``beta``; in the group ``scale``, gamma begins with a zero, then a negative."""
    gamma, beta = rounded(rng, (features,)), rounded(rng, (features,))
    if group == "scale":
        gamma[0] = 0.0
        gamma[1:2] = -np.abs(gamma[1:2])
    if shape is not None:
        gamma, beta = gamma.reshape(shape), beta.reshape(shape)
    return {"gamma": gamma, "beta": beta}


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
