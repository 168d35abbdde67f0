"""How the tasks of the convnet assignment are called, and what both of its suites ask of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import datasets
from ..assertions.speed import Timing
from ..language import say
from ..layers import TRUSTED
from ..report import Evidence, Finding
from ..worker.host import Submission
from ..worker.wire import Trusted
from .calling import Call, Protocol

__all__ = [
    "ACCURACY",
    "PROTOCOL",
    "TIMINGS",
    "expect_initial",
    "expect_seed_matters",
    "expect_spread",
    "expect_trained",
    "train",
]

TIMINGS: Mapping[str, Timing] = {}
"""No task is timed here."""

PROTOCOL = Protocol(
    "convnet",
    {
        "affine_forward": Call("affine_forward", ("out",), cache="returned"),
        "affine_backward": Call("affine_backward", ("dx", "dw", "db"), forward="affine_forward"),
        "relu_forward": Call("relu_forward", ("out",), cache="returned"),
        "relu_backward": Call("relu_backward", ("dx",), forward="relu_forward"),
        "softmax_loss": Call("softmax_loss", ("loss", "dscores")),
        "lenet_shapes": Call("lenet_shapes"),
        "init_convnet": Call("init_convnet", ("params",)),
        "convnet_loss": Call("convnet_loss", ("loss", "grads"), trusted=3),
        "convnet_predict": Call("convnet_predict", ("labels",), trusted=2),
        "sgd_momentum_step": Call("sgd_momentum_step", ("params", "state")),
        "train_convnet": Call("train_convnet", ("params", "losses"), trusted=3),
        "layer_costs": Call("layer_costs"),
    },
)

NETWORK: Mapping[str, Any] = {
    "input_shape": (1, 8, 8),
    "filters": [8],
    "kernel": 3,
    "hidden": [32],
    "classes": 10,
}
"""The network of the training checks, for the digits."""

IMAGES, BATCH, EPOCHS, LR, MOMENTUM = 810, 50, 4, 0.05, 0.9
"""Its training: 810 images do not fill whole batches of 50."""

ACCURACY = 0.70
"""The share of 360 test images that the trained network must get right.

``python benchmarks/training.py`` prints where correct code lies over 50 seeds and where broken
training does. Correct training gets 82.5 to 95.0 % right, half of the runs 88.0 to 92.5 %; a single
epoch at most 66.4 %, and every other broken training less than half."""

SECONDS = 20.0
"""The CPU time that a training run may take; the reference needs about one."""

Params = dict[str, Any]


def _expected_shapes(
    input_shape: Sequence[int],
    filters: Sequence[int],
    kernel: int,
    hidden: Sequence[int],
    classes: int,
) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    channels, height, width = input_shape
    for number, count in enumerate(filters, 1):
        shapes[f"conv{number}_w"] = (count, channels, kernel, kernel)
        shapes[f"conv{number}_b"] = (count,)
        channels, height, width = count, height // 2, width // 2
    size = channels * height * width
    for number, count in enumerate([*hidden, classes], 1):
        shapes[f"fc{number}_w"], shapes[f"fc{number}_b"] = (size, count), (count,)
        size = count
    return shapes


def expect_initial(submission: Submission, seed: int = 0, **network: Any) -> Params:
    """The parameters that ``init_convnet`` makes. Raises a :class:`Finding` unless keys, shapes and
    types are right and the biases are zero."""
    try:
        return _initial(submission, seed, network)
    except Finding as finding:
        arguments = {**network, "seed": seed}
        finding.evidence = lambda: Evidence(PROTOCOL.code("init_convnet", arguments))
        raise


def _initial(submission: Submission, seed: int, network: Mapping[str, Any]) -> Params:
    got = submission.call("init_convnet", *network.values(), seed)
    shapes = _expected_shapes(**network)
    if type(got) is not dict or got.keys() != shapes.keys():
        keys = sorted(map(str, got)) if type(got) is dict else type(got).__name__
        finding = Finding(
            say(
                "init_convnet must return a dictionary with {names}, not {found}.",
                names=list(shapes),
                found=keys,
            )
        )
        weights = {name for name in shapes if name.endswith("_w")}
        missing = type(got) is dict and got.keys() == weights
        raise PROTOCOL.named(finding, "init_convnet.biases_missing" if missing else "")
    for name, shape in shapes.items():
        value = got[name]
        if type(value) is not np.ndarray or value.shape != shape or value.dtype != np.float64:
            array = type(value) is np.ndarray
            what = f"{value.dtype} {value.shape}" if array else say("no array")
            finding = Finding(
                say(
                    "params[{name!r}] must be float64 of shape {shape}, but is {what}.",
                    name=name,
                    shape=shape,
                    what=what,
                )
            )
            raise PROTOCOL.named(finding, _named_shape(name, value, shape))
        if name.endswith("_b") and value.any():
            finding = Finding(
                say("params[{name!r}] must be zero: biases start at zero.", name=name)
            )
            raise PROTOCOL.named(finding, "init_convnet.random_biases")
    return got


def _named_shape(name: str, value: Any, shape: tuple[int, ...]) -> str:
    """The known mistake that gives a parameter this shape and dtype, '' if none does."""
    if type(value) is not np.ndarray:
        return ""
    if value.shape == shape:
        return "init_convnet.single_precision" if value.dtype == np.float32 else ""
    if name.endswith("_b"):
        return "init_convnet.biases_are_rows" if value.shape == (1, *shape) else ""
    if value.shape == shape[::-1]:
        return "init_convnet.weights_transposed"
    larger = value.ndim == 2 and value.shape[0] > shape[0] and value.shape[0] % shape[0] == 0
    return "init_convnet.pool_ignored" if name == "fc1_w" and larger else ""


WIDE: Mapping[str, Any] = {
    "input_shape": (3, 16, 16),
    "filters": [40, 60],
    "kernel": 5,
    "hidden": [70],
    "classes": 50,
}
"""A network with at least 3,000 weights in each layer, so that their spread can be judged."""


_SPREADS: Mapping[str, Callable[[int, int], float]] = {
    "init_convnet.no_scale": lambda fan_in, outputs: 1.0,
    "init_convnet.small_scale": lambda fan_in, outputs: 0.01,
    "init_convnet.root_missing": lambda fan_in, outputs: 2 / fan_in,
    "init_convnet.one_over_fan_in": lambda fan_in, outputs: math.sqrt(1 / fan_in),
    "init_convnet.fan_out": lambda fan_in, outputs: math.sqrt(2 / outputs),
}
"""The standard deviation that known mistakes give weights, by their inputs and outputs."""


def _named_spread(params: Params) -> str:
    """The known mistake whose standard deviation all weights have, '' if none is."""
    weights = {name: value for name, value in params.items() if name.endswith("_w")}
    for mistake, spread in _SPREADS.items():
        if all(
            abs(float(value.std()) / spread(_fan_in(name, value.shape), _outputs(name, value)) - 1)
            <= 0.1
            for name, value in weights.items()
        ):
            return mistake
    return ""


def _outputs(name: str, value: Any) -> int:
    return int(value.shape[0] if name.startswith("conv") else value.shape[1])


def _fan_in(name: str, shape: Sequence[int]) -> int:
    return math.prod(shape[1:]) if name.startswith("conv") else shape[0]


def expect_spread(submission: Submission, seed: int) -> None:
    """Raise a :class:`Finding` unless the weights look like normal ones of the right scale.

    With n independent normal weights the standard deviation is off by about 1/√(2n): 1.3 % for the
    3,000 of the smallest layer. The limit of 10 % is seven times that, and still far from a missing
    2 (29 %). Kurtosis is 3 ± √(24/n) = 3 ± 0.09; a uniform distribution has 1.8.
    """
    params = expect_initial(submission, seed, **WIDE)
    for name, value in params.items():
        if name.endswith("_b"):
            continue
        fan_in = _fan_in(name, value.shape)
        right = math.sqrt(2 / fan_in)
        with np.errstate(all="ignore"):
            spread = float(value.std())
            kurtosis = float(((value / spread) ** 4).mean())
        if not abs(spread / right - 1) <= 0.1 or not abs(float(value.mean())) <= 0.2 * right:
            finding = Finding(
                say(
                    "The weights {name} should have the standard deviation sqrt(2 / {fan_in}) = "
                    "{right:.4f} around zero, but have {spread:.4f} around {mean:.4f}.",
                    name=name,
                    fan_in=fan_in,
                    right=right,
                    spread=spread,
                    mean=float(value.mean()),
                ),
                hint=say("fan_in counts how many inputs one output adds up."),
            )
            raise PROTOCOL.named(finding, _named_spread(params))
        if not abs(kurtosis - 3) <= 0.8:
            finding = Finding(
                say("The weights {name} do not look like normally distributed ones.", name=name)
            )
            raise PROTOCOL.named(finding, "init_convnet.uniform" if kurtosis < 2.2 else "")


def expect_seed_matters(submission: Submission, seed: int) -> None:
    """Raise a :class:`Finding` unless the same seed gives the same weights, and others others."""
    first, again, other = (
        expect_initial(submission, number, **NETWORK) for number in (seed, seed, seed + 1)
    )
    if any(not np.array_equal(first[name], again[name]) for name in first):
        raise Finding(say("The same seed gives other weights when init_convnet is called again."))
    weights = [name for name in first if name.endswith("_w")]
    if any(np.array_equal(first[name], other[name]) for name in weights):
        finding = Finding(say("Another seed gives the same weights; is seed used?"))
        drawn = any(first[name].any() for name in weights)
        mistake = "seed_ignored" if drawn else "weights_never_drawn"
        raise PROTOCOL.named(finding, f"init_convnet.{mistake}")
    _expect_own_numbers(first)


def _expect_own_numbers(params: Params) -> None:
    """Raise a :class:`Finding` if layers begin with the same numbers, up to their scale.

    Of 16 pairs of independent numbers the correlation is beyond 0.99 once in 10¹² times.
    """
    starts = {
        name: value.reshape(-1)[:16]
        for name, value in params.items()
        if name.endswith("_w") and value.size >= 16 and value.std() > 0
    }
    for (one, a), (other, b) in itertools.combinations(starts.items(), 2):
        if abs(float(np.corrcoef(a, b)[0, 1])) > 0.99:
            finding = Finding(
                say(
                    "The weights {one} and {other} begin with the same random numbers.",
                    one=one,
                    other=other,
                )
            )
            raise PROTOCOL.named(finding, "init_convnet.same_numbers_in_every_layer")


def initial(seed: int) -> Params:
    """Parameters to start training from, made here: He's initialization."""
    rng = np.random.default_rng(seed)
    params = {}
    for name, shape in _expected_shapes(**NETWORK).items():
        scale = math.sqrt(2 / _fan_in(name, shape)) if name.endswith("_w") else 0.0
        params[name] = rng.standard_normal(shape) * scale
    return params


def images() -> tuple[Any, Any, Any, Any]:
    """The digits to train with, and those to test with, in ``float64``."""
    data = datasets.digits()
    return (
        data.x_train[:IMAGES].astype(np.float64),
        data.y_train[:IMAGES],
        data.x_test.astype(np.float64),
        data.y_test,
    )


def train(
    submission: Submission, params: Params, seed: int, lr: float = LR, epochs: int = EPOCHS
) -> tuple[Params, list[float]]:
    """Run ``train_convnet``; its checked result. Raises a :class:`Finding` if it is malformed."""
    x, y, _, _ = images()
    got = submission.call(
        "train_convnet",
        params, x, y, Trusted(), lr, MOMENTUM, BATCH, epochs, seed,
        seconds=SECONDS,
    )  # fmt: skip
    if type(got) not in (tuple, list) or len(got) != 2:
        finding = Finding(say("train_convnet must return two values: params, losses."))
        raise PROTOCOL.named(finding, "train_convnet.params_alone" if type(got) is dict else "")
    trained, losses = got
    if type(trained) is not dict or trained.keys() != params.keys():
        finding = Finding(
            say("The params that train_convnet returns must have the keys of those it got.")
        )
        exchanged = type(trained) is list and type(losses) is dict
        raise PROTOCOL.named(finding, "train_convnet.results_exchanged" if exchanged else "")
    for name, value in params.items():
        found = trained[name]
        if type(found) is not np.ndarray or found.shape != value.shape or found.dtype.kind != "f":
            raise Finding(
                say(
                    "params[{name!r}] must be an array of shape {shape}.",
                    name=name,
                    shape=value.shape,
                )
            )
    if type(losses) not in (list, tuple) or not all(
        isinstance(loss, float | np.floating) for loss in losses
    ):
        raise Finding(say("losses must be a list with one float for each step."))
    steps = epochs * -(-IMAGES // BATCH)
    if len(losses) != steps:
        counts = {
            IMAGES // BATCH * epochs: "last_batch_dropped",
            epochs: "whole_batches",
            steps // epochs: "one_epoch",
        }
        mistake = counts.get(len(losses), "")
        finding = Finding(
            say(
                "{images} images in batches of {batch}, {epochs} times: that is {steps} steps, so "
                "losses must have as many entries, but it has {count}.",
                images=IMAGES,
                batch=BATCH,
                epochs=epochs,
                steps=steps,
                count=len(losses),
            ),
            hint=say("The last batch of an epoch is smaller, and it counts."),
        )
        raise PROTOCOL.named(finding, mistake and f"train_convnet.{mistake}")
    return trained, [float(loss) for loss in losses]


def expect_trained(submission: Submission, seed: int) -> None:
    """Raise a :class:`Finding` unless training reaches :data:`ACCURACY` on the test images."""
    trained, losses = train(submission, initial(seed), seed)
    if not np.isfinite(losses).all():
        raise Finding(say("The loss is not a finite number at every step."))
    early, late = float(np.mean(losses[:5])), float(np.mean(losses[-5:]))
    if not late < 0.7 * early:
        finding = Finding(
            say(
                "The loss does not fall: {early:.2f} at first, {late:.2f} at the end.",
                early=early,
                late=late,
            )
        )
        raise PROTOCOL.named(finding, "train_convnet.uphill" if late > 1.5 * early else "")
    right = _accuracy(trained)
    if not right >= ACCURACY:
        start = initial(seed)
        kept = all(np.array_equal(trained[name], value) for name, value in start.items())
        finding = Finding(
            say(
                "The trained network gets {right:.0%} of the test images right, and {needed:.0%} "
                "are needed.",
                right=right,
                needed=ACCURACY,
            ),
            hint=say(
                "Do images and labels stay together when you shuffle? Are the parameters of each "
                "step kept for the next, and the velocity too?"
            ),
        )
        raise PROTOCOL.named(finding, "train_convnet.old_params" if kept else "")


def _accuracy(params: Params) -> float:
    """Computed here, in the plainest way: what a submission predicts is another task's affair."""
    _, _, x, y = images()
    out, _ = TRUSTED.conv_forward(x, params["conv1_w"], params["conv1_b"], {"stride": 1, "pad": 1})
    out, _ = TRUSTED.max_pool_forward(
        np.maximum(out, 0), {"pool_height": 2, "pool_width": 2, "stride": 2}
    )
    out = np.maximum(out.reshape(len(x), -1) @ params["fc1_w"] + params["fc1_b"], 0)
    scores = out @ params["fc2_w"] + params["fc2_b"]
    return float((scores.argmax(axis=1) == y).mean())
