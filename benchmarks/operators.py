"""How fast the reference's operators are: ``python benchmarks/operators.py``

Every operator is timed in turns with a matrix product and with PyTorch (where it is installed), in
``float32`` on one thread, by CPU time. What counts are ratios within one turn, their median and
their quartiles: absolute times drift on a machine that does other things. Beside them stand the
naive loops of the model solution and the correct variants that the audit keeps, which are how
students write these operators; they are timed on a smaller array and compared by work.

``share_of_gemm_peak``: multiply-adds in a second, as a share of those of ``a @ b`` with 1024×1024
numbers. ``extra_mib``: the most memory that was in use beyond arguments and results (tracemalloc).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder.audit.handins import HandIn, Solution, hand_ins, protocol_of
from autograder.files import write_whole
from autograder.reference import convnet, convolution, normalization, pooling, strips

ROOT = Path(__file__).parent.parent
PINNED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Large arrays come from memory that the process keeps, for NumPy and PyTorch alike; else most
    # of what a pooling layer costs is the kernel's handing out of pages.
    "MALLOC_TRIM_THRESHOLD_": str(512 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TOP_PAD_": str(64 << 20),
}
GEMM = 1024
GENTLE, LOOPS = 8, 64
"""By how much less work students' versions and loops are timed with, at least."""

PATIENCE = 1.0
"""Seconds after which a version is not timed once more."""

Array = np.ndarray[Any, np.dtype[Any]]
Call = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """An operator in one direction at one shape.

    ``given`` are its arguments; ``work`` counts its multiply-adds, 0 where it is no matrix product.
    ``task`` is one that students solve with it, and ``naive`` the one that asks for loops.
    """

    operator: str
    direction: str
    assignment: str
    given: Mapping[str, Any]
    reference: Call
    work: int = 0
    task: str = ""
    naive: str = ""

    @property
    def shape(self) -> str:
        """Shapes of the arrays, and settings, in a few characters."""
        x, w = self.given["x"], self.given.get("w")
        parts = [f"x {x.shape}", *([f"w {w.shape}"] if w is not None else [])]
        return ", ".join(parts).replace(" ", "").replace("x(", "x (").replace(",w(", ", w (")


@dataclass
class Row:
    """What was measured of a case."""

    case: Case
    share: list[float] = field(default_factory=list)
    pytorch: list[float] = field(default_factory=list)
    extra: float = 0.0
    seconds: float = math.inf
    naive: float | None = None
    versions: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "operator": self.case.operator,
            "direction": self.case.direction,
            "share_of_gemm_peak": _middle(self.share),
            "times_pytorch": _middle(self.pytorch),
            "extra_mib": round(self.extra, 2),
            "shape": self.case.shape,
            "share_quartiles": _quartiles(self.share),
            "times_pytorch_quartiles": _quartiles(self.pytorch),
            "naive_times_reference": self.naive and round(self.naive, 1),
            "versions_times_reference": {n: round(v, 2) for n, v in self.versions.items()},
        }


def _middle(ratios: Sequence[float]) -> float | None:
    return round(statistics.median(ratios), 3) if ratios else None


def _quartiles(ratios: Sequence[float]) -> list[float] | None:
    if not ratios:
        return None
    return [round(float(value), 3) for value in np.quantile(ratios, (0.25, 0.75))]


def cases(tiny: bool) -> Iterator[Case]:
    """All of them, with ``tiny`` at shapes at which nothing takes long."""
    rng = np.random.default_rng(0)
    n, c, f, size = (2, 3, 4, 8) if tiny else (64, 32, 64, 32)

    def new(*shape: int) -> Array:
        return rng.standard_normal(shape).astype(np.float32)

    param = {"stride": 1, "pad": 1}
    given: dict[str, Any] = {"x": new(n, c, size, size), "w": new(f, c, 3, 3), "b": new(f)}
    given |= {"conv_param": param}
    dout = new(n, f, size, size)
    work = dout.size * c * 9
    arrays = dout, given["x"], given["w"]
    tasks = {"task": "conv_forward_vectorized", "naive": "conv_forward_naive"}
    yield Case(
        "conv", "forward", "convolution", given, lambda: convolution.conv_forward(**given), work,
        **tasks,
    )  # fmt: skip
    back = {"dout": dout, **given}
    yield Case(
        "conv", "dx", "convolution", back, lambda: strips.input_gradient(*arrays, 1, 1), work
    )
    yield Case(
        "conv", "dw", "convolution", back, lambda: strips.weight_gradient(*arrays, 1, 1), work
    )
    yield Case(
        "conv", "backward", "convolution", back, lambda: convolution.conv_backward(**back),
        2 * work, "conv_backward_vectorized", "conv_backward_naive",
    )  # fmt: skip
    yield from _other_convolutions(new, n, c, f, size)

    wide = new(n, f, size, size)
    yield from _poolings(wide, new(n, f, size // 2, size // 2))
    yield from _normalizations(wide, new(*wide.shape), *((32, 8) if tiny else (4096, 1000)), new)
    rows, inner, outer = (4, 6, 5) if tiny else (1024, 1024, 512)
    x, w, b = new(rows, inner), new(inner, outer), new(outer)
    layer: dict[str, Any] = {"x": x, "w": w, "b": b}
    yield Case(
        "affine", "forward", "convnet", layer, lambda: convnet.affine_forward(**layer),
        rows * inner * outer, "affine_forward",
    )  # fmt: skip
    given_back: dict[str, Any] = {"dout": new(rows, outer), **layer}
    yield Case(
        "affine", "backward", "convnet", given_back, lambda: convnet.affine_backward(**given_back),
        2 * rows * inner * outer, "affine_backward",
    )  # fmt: skip
    yield Case(
        "relu", "forward", "convnet", {"x": wide}, lambda: convnet.relu_forward(wide),
        task="relu_forward",
    )  # fmt: skip
    other = new(*wide.shape)
    yield Case(
        "relu", "backward", "convnet", {"dout": other, "x": wide},
        lambda: convnet.relu_backward(other, wide), task="relu_backward",
    )  # fmt: skip


def _other_convolutions(
    new: Callable[..., Array], n: int, c: int, f: int, size: int
) -> Iterator[Case]:
    flat: dict[str, Any] = {"x": new(n, c, size, size), "w": new(f, c), "b": new(f)}
    yield Case(
        "conv1x1", "forward", "convolution", flat, lambda: convolution.conv1x1_forward(**flat),
        n * size * size * c * f, "conv1x1_forward",
    )  # fmt: skip
    param = {"stride": 1, "pad": 1}
    line: dict[str, Any] = {"x": new(n, c, size * 4), "w": new(f, c, 3), "b": new(f)}
    line |= {"conv_param": param}
    yield Case(
        "conv1d", "forward", "convolution", line, lambda: convolution.conv1d_forward(**line),
        n * size * 4 * c * f * 3, "conv1d_forward",
    )  # fmt: skip
    cube: dict[str, Any] = {
        "x": new(2, c // 2 + 1, 8, 16, 16),
        "w": new(f // 2, c // 2 + 1, 3, 3, 3),
    }
    cube |= {"b": new(f // 2), "conv_param": param}
    yield Case(
        "conv3d", "forward", "convolution", cube, lambda: convolution.conv3d_forward(**cube),
        2 * 8 * 16 * 16 * cube["w"].size, "conv3d_forward",
    )  # fmt: skip


def _poolings(x: Array, dout: Array) -> Iterator[Case]:
    for kind in ("max_pool", "avg_pool"):
        given: dict[str, Any] = {"x": x, "pool_param": convnet.POOL}
        for direction, more in (("forward", {}), ("backward", {"dout": dout})):
            name = f"{kind}_{direction}"
            full = {**more, **given}
            yield Case(
                kind, direction, "pooling", full, _bound(pooling.OPERATORS[name], full),
                task=f"{name}_vectorized", naive=f"{name}_naive",
            )  # fmt: skip


def _normalizations(
    x: Array, dout: Array, rows: int, features: int, new: Callable[..., Array]
) -> Iterator[Case]:
    channels = x.shape[1]
    flat, given_flat = new(rows, features), new(rows, features)
    for kind, values, given, wide, rest in (
        ("spatial_batchnorm", x, dout, (channels,), {"bn_param": {"mode": "train"}}),
        ("instancenorm", x, dout, (1, channels, 1, 1), {"in_param": {}}),
        ("spatial_groupnorm", x, dout, (1, channels, 1, 1), {"G": channels // 4, "gn_param": {}}),
        ("batchnorm", flat, given_flat, (features,), {"bn_param": {"mode": "train"}}),
        ("layernorm", flat, given_flat, (features,), {"ln_param": {}}),
    ):
        scale: dict[str, Any] = {"x": values, "gamma": new(*wide), "beta": new(*wide), **rest}
        for direction, more in (("forward", {}), ("backward", {"dout": given})):
            full = {**more, **scale}
            name = f"{kind}_{direction}"
            naive = f"{name}_naive" if kind == "batchnorm" else ""
            yield Case(
                kind, direction, "normalization", full, _bound(normalization.OPERATORS[name], full),
                task=name, naive=naive,
            )  # fmt: skip


def _bound(function: Callable[..., Any], given: Mapping[str, Any]) -> Call:
    return lambda: function(**given)


def pytorch(case: Case) -> Call | None:
    """What PyTorch does for ``case``, on one thread; ``None`` where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    call = torch.nn.functional
    tensors = {
        name: torch.from_numpy(value.reshape(-1) if name in ("gamma", "beta") else value)
        for name, value in case.given.items()
        if isinstance(value, np.ndarray)
    }
    dout = tensors.pop("dout", None)
    if case.direction in ("dx", "dw"):
        wanted = [case.direction == "dx", case.direction == "dw", False]
        x, w = tensors["x"], tensors["w"]
        return lambda: torch.ops.aten.convolution_backward(
            dout, x, w, [len(w)], [1, 1], [1, 1], [1, 1], False, [0, 0], 1, wanted
        )
    x, scale = tensors["x"], (tensors.get("gamma"), tensors.get("beta"))
    filters = tensors.get("w"), tensors.get("b")
    layers: dict[str, Call] = {
        "conv": lambda: call.conv2d(x, *filters, padding=1),
        "conv1x1": lambda: call.conv2d(x, filters[0][:, :, None, None], filters[1]),
        "conv1d": lambda: call.conv1d(x, *filters, padding=1),
        "conv3d": lambda: call.conv3d(x, *filters, padding=1),
        "max_pool": lambda: call.max_pool2d(x, 2),
        "avg_pool": lambda: call.avg_pool2d(x, 2),
        "spatial_batchnorm": lambda: call.batch_norm(x, *running, *scale, training=True),
        "batchnorm": lambda: call.batch_norm(x, *running, *scale, training=True),
        "instancenorm": lambda: call.instance_norm(x, None, None, *scale),
        "spatial_groupnorm": lambda: call.group_norm(x, case.given["G"], *scale),
        "layernorm": lambda: call.layer_norm(x, x.shape[1:], *scale),
        "affine": lambda: torch.addmm(filters[1], x, filters[0]),
        "relu": lambda: call.relu(x),
    }
    layer = layers[case.operator]
    running = torch.zeros(x.shape[1]), torch.ones(x.shape[1])
    if dout is None:

        def forward() -> Any:
            with torch.no_grad():
                return layer()

        return forward
    leaves = [tensor.requires_grad_() for tensor in tensors.values()]
    out = layer()
    return lambda: torch.autograd.grad(out, leaves, dout, retain_graph=True)


def seconds(call: Call) -> float:
    """CPU seconds of one call."""
    started = time.process_time()
    call()
    return time.process_time() - started


def _best(call: Call, times: int) -> float:
    return min(seconds(call) for _ in range(times))


def measure(case: Case, repeat: int) -> Row:
    """Time ``case`` in turns with a matrix product and PyTorch; the order swaps each time."""
    row = Row(case, extra=_extra(case.reference))
    a = np.random.default_rng(1).standard_normal((GEMM, GEMM)).astype(np.float32)
    calls: dict[str, Call] = {"reference": case.reference}
    if case.work:
        calls["gemm"] = lambda: a @ a
    theirs = pytorch(case)
    if theirs is not None:
        calls["pytorch"] = theirs
    for call in calls.values():
        call()
    for turn in range(repeat):
        order = list(calls)[:: -1 if turn % 2 else 1]
        taken = {name: max(_best(calls[name], 2), 1e-9) for name in order}
        row.seconds = min(row.seconds, taken["reference"])
        if "gemm" in taken:
            row.share.append(case.work / taken["reference"] / (GEMM**3 / taken["gemm"]))
        if "pytorch" in taken:
            row.pytorch.append(taken["reference"] / taken["pytorch"])
    return row


def _extra(call: Call) -> float:
    """MiB in use at the worst moment, without what the call returns."""
    call()
    tracemalloc.start()
    try:
        result = call()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    arrays = result if isinstance(result, tuple) else (result,)
    kept = sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))
    return max(0.0, float(peak - kept) / 2**20)


def compare(row: Row) -> None:
    """Add the naive loops and the variants that the audit keeps."""
    case = row.case
    solution = Solution(ROOT / "solutions", case.assignment)
    if case.task:
        own = HandIn("variant", case.assignment, case.task, "model solution", "")
        for hand_in in (own, *hand_ins(solution, ("variant",), {case.task})):
            ratio = _version(row, case.task, hand_in, solution, GENTLE)
            if ratio is not None:
                row.versions[hand_in.name] = ratio
    if case.naive:
        row.naive = _version(row, case.naive, None, solution, LOOPS)


def _version(
    row: Row, task: str, hand_in: HandIn | None, solution: Solution, less: int
) -> float | None:
    """How many times as long as the reference a version takes, for the same work."""
    case = row.case
    space = solution.namespace(hand_in if hand_in and hand_in.source else None)
    call = protocol_of(case.assignment)[task]
    small, part = _smaller(case, less)
    arguments = dict(small)
    dout = arguments.pop("dout", None)
    names = arguments.values()
    if dout is None:
        run: Call = lambda: space[task](*names)  # noqa: E731
    else:
        result = space[call.forward](*names)
        run = lambda: space[task](dout, result[-1])  # noqa: E731
    taken = []
    try:
        # Some tell how they fared, as students do; that is no part of the table.
        with contextlib.redirect_stdout(io.StringIO()):
            while len(taken) < 3 and sum(taken) < PATIENCE:
                taken.append(seconds(run))
    except MemoryError:
        return None
    return min(taken) / part / row.seconds


def _smaller(case: Case, less: int) -> tuple[dict[str, Any], float]:
    """``given`` with at least ``less`` times less to do, and what share of the work is left."""
    given = dict(case.given)
    if less > GENTLE and "w" in given and given["x"].ndim == 4:
        # Loops need much smaller arrays: one image, eight filters, four channels.
        given["w"], given["b"] = given["w"][:8, :4], given["b"][:8]
        given["x"] = given["x"][:1, :4]
        if "dout" in given:
            given["dout"] = given["dout"][:1, :8]
        share = given["w"].size / case.given["w"].size / len(case.given["x"])
        return given, share
    count = max(1, len(given["x"]) // less)
    share = count / len(given["x"])
    given["x"] = given["x"][:count]
    if "dout" in given:
        given["dout"] = given["dout"][:count]
    return given, share


def machine() -> list[str]:
    """What was measured, with what, and where."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    try:
        import torch

        theirs = f"PyTorch {torch.__version__}"
    except ImportError:
        theirs = "no PyTorch"
    config: Any = np.show_config(mode="dicts")
    blas = config["Build Dependencies"]["blas"]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    return [
        f"{cpu}, {os.cpu_count()} cores, one thread used, float32",
        f"Python {platform.python_version()}, NumPy {np.__version__} ({blas['name']} "
        f"{blas['version']}), {theirs}",
        f"commit {commit or 'unknown'}",
    ]


COLUMNS = ("operator", "shape", "GEMM peak", "PyTorch", "extra MiB", "variants", "loops")


def cells(row: Row) -> list[str]:
    """The texts of a row of the table."""
    versions = sorted(row.versions.values())
    spread = ""
    if versions:
        middle = statistics.median(versions)
        spread = " – ".join(map(_short, (versions[0], middle, versions[-1])))
    return [
        f"{row.case.operator} {row.case.direction}",
        row.case.shape,
        _with_spread(row.share),
        _with_spread(row.pytorch),
        f"{row.extra:.1f}",
        spread,
        "" if row.naive is None else _short(row.naive),
    ]


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _with_spread(ratios: Sequence[float]) -> str:
    if not ratios:
        return "–"
    low, high = np.quantile(ratios, (0.25, 0.75))
    return f"{statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})"


def markdown(rows: Sequence[Row]) -> str:
    """The table and the machine, for the docs."""
    lines = [
        f"| {' | '.join(COLUMNS)} |",
        f"| --- | --- |{' ---: |' * (len(COLUMNS) - 2)}",
        *(f"| {' | '.join(cells(row))} |" for row in rows),
        "",
        *(f"- {line}" for line in machine()),
    ]
    return "\n".join(lines) + "\n"


def draw(rows: Sequence[Row], path: Path) -> None:
    """Every operator's line: the reference at 1, and how long the others take."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 0.32 * len(rows) + 1.2), layout="constrained")
    for place, row in enumerate(rows):
        axes.plot(
            list(row.versions.values()), [place] * len(row.versions), "o", color="#b0b0b0", ms=5,
            label="variants of the tasks" if place == 0 else None,
        )  # fmt: skip
        if row.naive is not None:
            axes.plot(row.naive, place, "x", color="#c62828", ms=7, mew=2,
                      label="loops" if place == 0 else None)  # fmt: skip
        if row.pytorch:
            axes.plot(
                1 / statistics.median(row.pytorch), place, "D", color="#1565c0", ms=6,
                label="PyTorch" if place == 0 else None,
            )  # fmt: skip
    axes.axvline(1, color="#2e7d32", lw=2, label="reference")
    axes.set_xscale("log")
    axes.set_yticks(range(len(rows)), [f"{r.case.operator} {r.case.direction}" for r in rows])
    axes.invert_yaxis()
    axes.grid(axis="x", color="#eeeeee")
    axes.set_axisbelow(True)
    axes.set_xlabel("time for the same work, the reference's is 1 (one thread, float32)")
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=110)
    plt.close(figure)


def pin() -> None:
    """Start again with one thread and steady memory, which is settled when a process starts."""
    if any(os.environ.get(name) != value for name, value in PINNED.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **PINNED})


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=15, help="turns for each (default: 15)")
    parser.add_argument("--only", metavar="OPERATOR", help="one operator, such as conv")
    parser.add_argument("--quick", action="store_true", help="without loops and variants")
    parser.add_argument("--tiny", action="store_true", help="small arrays, to try it out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table to FILE")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw them into FILE")
    options = parser.parse_args(arguments)
    console = Console(highlight=False)
    chosen = [c for c in cases(options.tiny) if options.only in (None, c.operator)]
    if not chosen:
        known = dict.fromkeys(case.operator for case in cases(True))
        parser.error(f"there is no operator {options.only!r}; there are {', '.join(known)}")
    rows = []
    for case in track(chosen, "measuring", console=console, transient=True):
        row = measure(case, options.repeat)
        if not options.quick:
            compare(row)
        rows.append(row)
    table = Table(*COLUMNS, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*cells(row))
    console.print(table)
    for line in machine():
        console.print(line)
    if options.json:
        text = json.dumps([row.as_json() for row in rows], indent=2) + "\n"
        write_whole(options.json, text)
    if options.markdown:
        write_whole(options.markdown, markdown(rows))
    if options.picture:
        draw(rows, options.picture)


if __name__ == "__main__":
    pin()
    main()
