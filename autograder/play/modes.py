"""Batch norm in train mode and in test mode, and how far they drift apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from .. import datasets
from .controls import SLIDER, choice, made, slider
from .drawing import MARK, new_figure, png
from .thing import Array, NothingYet, Scene, Thing, array_of, ask, signed

__all__ = ["train_and_test"]

PIXEL = 28
"""The pixel of a digit whose mean is watched: near the middle, and often in use."""


def train_and_test(batchnorm_forward: Callable[..., Any]) -> Thing:
    """Batches of digits go through batch norm; then one image is put through it in both modes.

    ``batchnorm_forward(x, gamma, beta, bn_param)`` is your own, vectorized or not. It sees batches
    ``(N, 64)`` of 8×8 digits in train mode, each with the same image first; the running statistics
    that it keeps in ``bn_param`` are then what test mode uses.
    """
    return TrainAndTest(batchnorm_forward)


class TrainAndTest(Thing):
    """See :func:`train_and_test`."""

    def __init__(self, batchnorm_forward: Callable[..., Any]) -> None:
        self._layer = batchnorm_forward
        self._digits = datasets.digits().x_train.reshape(-1, 64).astype(float)
        self.momentum = made(
            "FloatSlider", "Momentum", value=0.9, min=0.0, max=0.99, step=0.01, **SLIDER
        )
        self.size = choice("Batch size", (2, 4, 8, 16, 32, 64), 8)
        self.steps = slider("Steps", 20, 1, 60)
        super().__init__((self.momentum, self.size), (self.steps,))

    def draw(self) -> Scene:
        momentum, size, steps = self.momentum.value, self.size.value, self.steps.value
        name = getattr(self._layer, "__name__", "your layer")
        one, zero = np.ones(64), np.zeros(64)
        bn_param: dict[str, Any] = {"mode": "train", "momentum": momentum}
        rng = np.random.default_rng(0)
        batches, running = [], []
        for _ in range(steps):
            others = self._digits[rng.choice(len(self._digits), size - 1, replace=False)]
            batch = np.concatenate([self._digits[:1], others])
            out = array_of(ask(self._layer, batch, one, zero, bn_param), batch.shape, name)
            kept = array_of(bn_param.get("running_mean"), (64,), f"the running mean of {name}")
            batches.append(batch[:, PIXEL].mean())
            running.append(float(kept[PIXEL]))
        trained = out[0].reshape(8, 8)
        # A copy, because nobody knows what the layer writes into it.
        tested = array_of(
            ask(self._layer, self._digits[:1], one, zero, {**bn_param, "mode": "test"}),
            (1, 64),
            name,
        )[0].reshape(8, 8)
        if "running_var" not in bn_param:
            raise NothingYet(
                f"There is nothing to see here yet, because {name} keeps no running_var."
            )
        true = self._digits[:, PIXEL].mean()
        return Scene(
            self._picture(batches, running, true, trained, tested),
            *self._said(running[-1], true, trained, tested),
        )

    def _picture(
        self, batches: list[Any], running: list[float], true: float, trained: Array, tested: Array
    ) -> bytes:
        figure = new_figure(9.2, 3.4)
        axes = figure.subplots(1, 3, width_ratios=(5, 2.4, 2.4))
        seen = range(1, len(batches) + 1)
        axes[0].plot(seen, batches, "o", color="0.6", markersize=4, label="mean of the batch")
        axes[0].plot(seen, running, "s-", color=MARK, markersize=3, label="running mean")
        axes[0].axhline(true, color="black", linestyle="--", linewidth=1.2, label="true mean")
        axes[0].set(ylim=(-0.02, 1.02), xlabel="steps")
        axes[0].set_title("mean of one pixel", fontsize=11, y=1.0)
        axes[0].xaxis.set_major_locator(MaxNLocator(integer=True))
        axes[0].legend(fontsize=9, loc="upper center", bbox_to_anchor=(0.5, -0.28), ncols=3)
        bound = float(min(max(np.abs(trained).max(), np.abs(tested).max()), 4)) or 1.0
        for ax, values, mode in ((axes[1], trained, "train"), (axes[2], tested, "test")):
            shown = ax.imshow(values, cmap="gray", vmin=-bound, vmax=bound)
            ax.set_title(f"the same digit, {mode}", fontsize=11, y=1.0)
            ax.set(xticks=[], yticks=[])
        bar = figure.colorbar(shown, ax=axes[1:], orientation="horizontal", shrink=0.7, pad=0.03)
        bar.set_ticks([-bound, 0, bound], labels=[signed(-bound), "0", signed(bound)])
        return png(figure)

    def _said(self, running: float, true: float, trained: Array, tested: Array) -> tuple[str, str]:
        steps, size = self.steps.value, self.size.value
        apart = np.abs(trained - tested).mean()
        plural = "s" if steps > 1 else ""
        words = (
            f"After {steps} step{plural} with batches of {size} and momentum "
            f"{self.momentum.value:.2f} the running mean of one pixel is {signed(running)}, its "
            f"true mean {signed(true)}.\nThe same digit comes out of the two modes {signed(apart)} "
            "apart, on average over its pixels."
        )
        alt = (
            f"On the left a curve: the running mean over {steps} step{plural}, ending at "
            f"{signed(running)}, with the means of the batches as dots around the dashed line of "
            f"the true mean, {signed(true)}. On the right one digit as it comes out in train mode "
            "and in test mode, in grey."
        )
        return alt, words
