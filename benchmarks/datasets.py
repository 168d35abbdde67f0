"""Draws a sample of each data set, and prints what simple classifiers make of the shapes.

python benchmarks/datasets.py            # writes docs/images/datasets-*.png
python benchmarks/datasets.py --forest   # a random forest too; needs scikit-learn
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from autograder import datasets

IMAGES = Path(__file__).parent.parent / "docs" / "images"


def sample(name: str, data: datasets.Split, names: tuple[str, ...] = ()) -> None:
    """A row of twelve images for each class."""
    fig, axes = plt.subplots(10, 12, figsize=(6, 5))
    for kind in range(10):
        found = data.x_train[data.y_train == kind][:12]
        for ax, image in zip(axes[kind], found, strict=True):
            ax.imshow(image.transpose(1, 2, 0), cmap="gray", vmin=0, vmax=1)
            ax.axis("off")
        if names:
            axes[kind, 0].text(-5, 16, names[kind], ha="right", va="center", fontsize=8)
    fig.savefig(IMAGES / f"datasets-{name}.png", dpi=80, bbox_inches="tight")
    plt.close(fig)


def photographs() -> None:
    names = datasets.names()
    fig, axes = plt.subplots(1, len(names), figsize=(6, 2))
    for ax, name in zip(axes, names, strict=True):
        ax.imshow(datasets.photograph(name))
        ax.set_title(name, fontsize=8)
        ax.axis("off")
    fig.savefig(IMAGES / "datasets-photographs.png", dpi=80, bbox_inches="tight")
    plt.close(fig)


def least_squares(data: datasets.Split) -> float:
    """Test accuracy of a linear classifier fitted by least squares."""
    x = data.x_train.reshape(len(data.x_train), -1).astype(np.float64) - 0.5
    weights = np.linalg.solve(x.T @ x + 100 * np.eye(x.shape[1]), x.T @ np.eye(10)[data.y_train])
    scores = (data.x_test.reshape(len(data.x_test), -1) - 0.5) @ weights
    return float((scores.argmax(axis=1) == data.y_test).mean())


def forest(data: datasets.Split) -> float:
    """Test accuracy of a random forest of 200 trees."""
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(200, random_state=0)
    model.fit(data.x_train.reshape(len(data.x_train), -1), data.y_train)
    return float(model.score(data.x_test.reshape(len(data.x_test), -1), data.y_test))


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw and measure the data sets.")
    parser.add_argument("--forest", action="store_true", help="needs scikit-learn")
    options = parser.parse_args()
    photographs()
    for name, data in (("digits", datasets.digits()), ("mnist", datasets.mnist())):
        sample(name, data)
        print(f"{name}: least squares on the pixels {least_squares(data):.1%}")
    data = datasets.shapes()
    sample("shapes", data, datasets.CLASSES)
    print(f"shapes: chance 10.0%, least squares on the pixels {least_squares(data):.1%}")
    if options.forest:
        print(f"shapes: random forest of 200 trees {forest(data):.1%}")


if __name__ == "__main__":
    main()
