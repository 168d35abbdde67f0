"""Draws the things to play with, as they look when some controls have been moved.

python benchmarks/play.py              # writes docs/images/play-*.png
python benchmarks/play.py --out DIR    # all of them, in several positions, to look at
"""

from __future__ import annotations

import argparse
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from autograder import datasets, play
from autograder.audit.handins import Solution
from autograder.layers import TRUSTED
from autograder.play.thing import Thing

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
IN_THE_DOCS = ("sliding", "cube", "fields")


def solved(assignment: str) -> SimpleNamespace:
    """The functions of the model solution."""
    return SimpleNamespace(**Solution(ROOT / "solutions", assignment).namespace())


def things() -> dict[str, Thing]:
    """Every thing by name, in one position or several."""
    convolution, pooling = solved("convolution"), solved("pooling")
    normalization, convnet = solved("normalization"), solved("convnet")
    made: dict[str, Thing] = {}

    made["sliding"] = sliding = play.sliding_filter()
    for _ in range(10):
        sliding.advance()
    made["sliding-padded"] = padded = play.sliding_filter()
    padded.padding.value, padded.stride.value = 2, 3
    padded.row.value, padded.column.value = 2, 1

    made["kernel"] = play.activation_map(convolution.conv_forward_naive)
    made["kernel-sharp"] = sharp = play.activation_map(convolution.conv_forward_vectorized)
    sharp.preset.value, sharp.photograph.value = "emboss", "astronaut"

    made["padding"] = play.padding_and_stride(convolution.conv_output_size)
    made["padding-unfit"] = unfit = play.padding_and_stride(convolution.conv_output_size)
    unfit.size.value, unfit.stride.value, unfit.padding.value = 16, 4, 3
    made["padding-long"] = long = play.padding_and_stride()
    long.size.value, long.stride.value = 16, 1
    made["padding-small"] = small = play.padding_and_stride()
    small.size.value, small.kernel.value, small.padding.value = 3, 7, 0

    made["fields"] = fields = play.receptive_fields(convolution.receptive_field)
    fields.add.click()
    fields.strides[0].value = 2
    made["fields-large"] = play.receptive_fields(layers=[(5, 3)] * 4)
    made["fields-gaps"] = play.receptive_fields(layers=[(1, 3), (2, 1)])

    layers = pooling.max_pool_forward_naive, pooling.avg_pool_forward_naive
    made["shifts"] = play.pooling_and_shifts(*layers)
    made["shifts-digit"] = digit = play.pooling_and_shifts(*layers)
    digit.pattern.value, digit.window.value, digit.shift.value = "a digit", 4, 3

    for kind in ("batch norm", "layer norm", "instance norm", "group norm"):
        name = "cube" if kind == "group norm" else f"cube-{kind.split()[0]}"
        made[name] = cube = play.normalizations()
        cube.kind.value = kind

    made["modes"] = play.train_and_test(normalization.batchnorm_forward)
    made["modes-slow"] = slow = play.train_and_test(normalization.batchnorm_forward)
    slow.momentum.value, slow.size.value, slow.steps.value = 0.99, 2, 60

    params = convnet.init_convnet((1, 28, 28), [20, 50], 5, [100], 10)
    params = {name: value.astype(np.float32) for name, value in params.items()}
    data = datasets.mnist()
    params, _ = convnet.train_convnet(
        params, data.x_train[:1000], data.y_train[:1000], TRUSTED, 0.02, 0.9, 50, 1, 0
    )
    made["digit"] = play.draw_digit(convnet.convnet_predict, params, TRUSTED)
    made["digit-drawn"] = drawn = play.draw_digit(convnet.convnet_predict, params, TRUSTED)
    drawn.text.value = "\n" * 2 + "\n".join(["......##"] * 10)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the things to play with.")
    parser.add_argument("--out", type=Path, help="a folder for pictures of all of them")
    options = parser.parse_args()
    for name, thing in things().items():
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / f"{name}.png").write_bytes(thing.picture)
            print(f"== {name}\n{thing!r}\n")
        elif name in IN_THE_DOCS:
            (IMAGES / f"play-{name}.png").write_bytes(thing.picture)


if __name__ == "__main__":
    main()
