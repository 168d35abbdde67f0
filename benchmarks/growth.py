"""How the cost of a convolution grows: ``python benchmarks/growth.py``

One size at a time is raised, N, C, H (and W with it), F or K, and the CPU time of every runner is
fitted with a power of it: an exponent of 1 says that twice the size takes twice the time. By the
count of multiply-adds it is 1 for N, C and F, and 2 for H and K. Less means that a part of the
cost does not depend on this size: that of a call, or of reading what is large already.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.audit.handins import HandIn, Solution, hand_ins
from autograder.files import write_whole
from autograder.reference import convolution
from operators import pin
from operators import seconds as seconds_of

ROOT = Path(__file__).parent.parent
AXES = "NCHFK"
EXPECTED = {"N": 1, "C": 1, "H": 2, "F": 1, "K": 2}
STEPS = {
    "large": {
        "N": (8, 16, 32, 64), "C": (16, 32, 64, 128), "H": (16, 32, 64, 128),
        "F": (16, 32, 64, 128), "K": (3, 5, 7, 9),
    },
    "small": {
        "N": (1, 2, 4), "C": (2, 4, 8), "H": (5, 10, 20), "F": (2, 4, 8), "K": (1, 3, 5),
    },
}  # fmt: skip
BASE = {
    "large": {"N": 8, "C": 16, "H": 32, "F": 16, "K": 3},
    "small": {"N": 1, "C": 2, "H": 5, "F": 2, "K": 3},
}

Given = dict[str, Any]
Runner = Callable[[Given], Any]


def given(sizes: Mapping[str, int]) -> Given:
    """Arguments of a convolution that keeps the size of the image."""
    rng = np.random.default_rng(0)

    def new(*shape: int) -> Any:
        return rng.standard_normal(shape).astype(np.float32)

    kernel = sizes["F"], sizes["C"], sizes["K"], sizes["K"]
    return {
        "x": new(sizes["N"], sizes["C"], sizes["H"], sizes["H"]),
        "w": new(*kernel),
        "b": new(sizes["F"]),
        "conv_param": {"stride": 1, "pad": sizes["K"] // 2},
    }


def backward(arguments: Given) -> Any:
    """``dx``, ``dw`` and ``db`` for a ``dout`` of ones."""
    x, w = arguments["x"], arguments["w"]
    dout = np.ones((len(x), len(w), *x.shape[2:]), np.float32)
    return convolution.conv_backward(dout, **arguments)


def runners(tiny: bool) -> dict[str, tuple[str, Runner]]:
    """By name: at which sizes, and what is run."""
    solution = Solution(ROOT / "solutions", "convolution")
    size = "small" if tiny else "large"
    found: dict[str, tuple[str, Runner]] = {
        "reference": (size, lambda a: convolution.conv_forward(**a)),
        "reference, backward": (size, backward),
    }
    kept = {h.name: h for h in hand_ins(solution, ("variant",), {"conv_forward_vectorized"})}
    for name in ("textbook_im2col", "offsets_with_einsum", "fourier"):
        task = _task(solution, kept[name], "conv_forward_vectorized")
        found[name.replace("_", " ")] = (size, lambda a, task=task: task(**a))
    loops = _task(solution, None, "conv_forward_naive")
    found["loops"] = ("small", lambda a: loops(**a))
    return found


def _task(solution: Solution, hand_in: HandIn | None, task: str) -> Runner:
    function: Runner = solution.namespace(hand_in)[task]
    return function


def measure(repeat: int, tiny: bool) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """Seconds by runner, axis and size: the least of ``repeat`` turns."""
    known = runners(tiny)
    found: dict[str, dict[str, list[tuple[int, float]]]] = {name: {} for name in known}
    places = [(axis, name) for axis in AXES for name in known]
    for axis, name in track(places, "measuring", transient=True):
        kind, run = known[name]
        points = []
        for size in STEPS[kind][axis]:
            arguments = given({**BASE[kind], axis: size})
            run(arguments)
            taken = [seconds_of(lambda: run(arguments)) for _ in range(repeat)]  # noqa: B023
            points.append((size, max(min(taken), 1e-7)))
        found[name][axis] = points
    return found


def exponent(points: Sequence[tuple[int, float]]) -> float:
    """The power of the size that fits the seconds best."""
    sizes, seconds = zip(*points, strict=True)
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def draw(found: Mapping[str, Mapping[str, list[tuple[int, float]]]], path: Path) -> None:
    """A panel for each axis, with double logarithmic axes."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(1, len(AXES), figsize=(14, 4.6), layout="constrained")
    for axis, panel in zip(AXES, panels, strict=True):
        for (name, by_axis), mark in zip(found.items(), "os^vD*", strict=False):
            sizes, seconds = zip(*by_axis[axis], strict=True)
            label = f"{name}: {exponent(by_axis[axis]):.1f}"
            panel.loglog(sizes, [1e3 * value for value in seconds], mark + "-", label=label, ms=4)
        panel.set_title(f"{axis}, exponent {EXPECTED[axis]} by count", fontsize=10)
        panel.set_xlabel(axis)
        panel.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.18), frameon=False)
    panels[0].set_ylabel("CPU time in ms")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=5, help="turns for each (default: 5)")
    parser.add_argument("--tiny", action="store_true", help="small arrays, to try it out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw them into FILE")
    options = parser.parse_args(arguments)
    found = measure(options.repeat, options.tiny)
    table = Table("runner", *(f"{axis}: {EXPECTED[axis]}" for axis in AXES), box=None)
    exponents = {
        name: {axis: round(exponent(points), 2) for axis, points in by_axis.items()}
        for name, by_axis in found.items()
    }
    for name, by_axis in exponents.items():
        table.add_row(name, *(f"{by_axis[axis]:.2f}" for axis in AXES))
    console = Console(highlight=False)
    console.print("Exponents of the CPU time; in the head those of the multiply-adds.")
    console.print(table)
    if options.json:
        figures = [
            {"runner": name, "exponents": exponents[name], "seconds": by_axis}
            for name, by_axis in found.items()
        ]
        write_whole(options.json, json.dumps(figures, indent=2) + "\n")
    if options.picture:
        draw(found, options.picture)


if __name__ == "__main__":
    pin()
    main()
