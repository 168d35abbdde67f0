"""Prints how well the network of the training checks does over many seeds.

    python benchmarks/training.py [--seeds N]

The accuracy that the checks ask for must lie below every correct run and above what broken
training reaches. Correct code is the reference; broken training is what the known mistakes do.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.mistakes import catalogue
from autograder.reference import convnet as reference
from autograder.suites import convnet as suite


def accuracy(train: Callable[..., Any], seed: int) -> float:
    """The share of test images that are right after training from ``seed``."""
    x, y, x_test, y_test = suite.images()
    with np.errstate(all="ignore"):
        params, _ = train(
            suite.initial(seed), x, y, suite.LR, suite.MOMENTUM, suite.BATCH, suite.EPOCHS, seed
        )
        return float((reference.convnet_predict(params, x_test) == y_test).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description="Accuracy of the training checks over seeds.")
    parser.add_argument("--seeds", type=int, default=50)
    count = parser.parse_args().seeds
    runs: dict[str, Callable[..., Any]] = {"correct": reference.train_convnet}
    for mistake in catalogue.mistakes_of("train_convnet"):
        runs[mistake.name.partition(".")[2]] = mistake.function
    table = Table(title=f"right test images over {count} seeds; {suite.ACCURACY:.0%} are needed")
    for column in ("training", "least", "quartile", "median", "quartile", "most"):
        table.add_column(column, justify="left" if column == "training" else "right")
    for name, train in track(runs.items(), "training"):
        found = [accuracy(train, seed) for seed in range(count if name == "correct" else 5)]
        table.add_row(name, *(f"{v:.1%}" for v in np.quantile(found, (0, 0.25, 0.5, 0.75, 1))))
    Console().print(table)


if __name__ == "__main__":
    main()
