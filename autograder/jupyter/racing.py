"""A race between loops, your own version, the kit's reference and the machine, drawn.

Nothing is graded here. Times are CPU time of this thread, the shortest of a few runs. The
reference's line is not run: it is so many times one copy and one matrix product of the size at
hand, as ``benchmarks/race.py`` measured it, times what these take on this machine; so the student
edition can draw it too.
"""

from __future__ import annotations

import base64
import io
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from html import escape
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from ..assertions.speed import Timing
from ..assignments import all_assignments
from ..report import Finding
from ..worker.host import LiveSubmission, live_clock

__all__ = ["Race", "race"]

STORED = Path(__file__).parents[1] / "suites" / "public" / "vectors" / "race.json"
"""How many times one copy and one matrix product the reference takes, by operator."""

PATIENCE = 1.0
"""Seconds of CPU time that one run may take; a line ends where it would take longer."""

BUDGET = 2.0
"""Seconds of CPU time for one line, repetitions and all."""

LARGEST = 32


@dataclass(frozen=True)
class Line:
    """One runner: its name, and seconds by batch size, smallest first."""

    name: str
    seconds: Mapping[int, float]

    def growth(self) -> float:
        """How much longer it takes when the batch doubles, over the larger half of the sizes."""
        points = sorted(self.seconds.items())[-4:]
        if len(points) < 2:
            return math.nan
        sizes, times = zip(*((math.log2(n), math.log2(t)) for n, t in points), strict=True)
        return float(2 ** np.polyfit(sizes, times, 1)[0])


@dataclass(frozen=True)
class Race:
    """What :func:`race` returns: a picture in a notebook, words everywhere."""

    operator: str
    lines: tuple[Line, ...]
    words: str
    picture: bytes

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.picture).decode()
        words = escape(self.words)
        paragraphs = "".join(f"<p>{line}</p>" for line in words.splitlines())
        return f'<img alt="{words}" src="data:image/png;base64,{data}">{paragraphs}'


def race(
    function: Callable[..., Any], operator: str, naive: Callable[..., Any] | None = None
) -> Race:
    """Let ``function`` run against loops, the reference and the machine on growing batches.

    ``operator`` is what it implements (``"conv_forward"``), or the name of its task. ``naive`` is
    the version with loops, by default this notebook's own, where it has one. Takes less than ten
    seconds. Raises ``NotImplementedError`` where one of them is not written yet, ``ValueError``
    where one fails, and for a name that is no operator with a limit on speed.
    """
    namespace: dict[str, Any] = dict(sys._getframe(1).f_globals)
    suite, task, slow = _runners(operator)
    timing = suite.TIMINGS[task]
    if naive is not None:
        namespace[slow] = naive
    namespace[task] = function
    name = suite.PROTOCOL.operator_of(task)
    lines = []
    with LiveSubmission({}).steady():
        if slow != task and callable(namespace.get(slow)):
            lines.append(_run("loops", suite, slow, timing, namespace))
        lines.append(_run("yours", suite, task, timing, namespace))
        limit = _machine(timing)
    times = _stored().get(name)
    if times is not None:
        reference = {n: times * seconds for n, seconds in limit.seconds.items()}
        lines.append(Line("reference", reference))
    lines.append(limit)
    words = _words(name, lines)
    return Race(name, tuple(lines), words, _draw(name, lines))


def _runners(operator: str) -> tuple[ModuleType, str, str]:
    """The suite that knows ``operator``, its task that is timed, and its naive task."""
    known: dict[str, tuple[ModuleType, str, str]] = {}
    for assignment in all_assignments():
        suite = import_module(f"..suites.{assignment.name}", __package__)
        for task in getattr(suite, "TIMINGS", ()):
            name = suite.PROTOCOL.operator_of(task)
            entry = (suite, task, suite.PROTOCOL.task_of(name))
            known.setdefault(name, entry)
            known[task] = entry
    if operator not in known:
        names = ", ".join(name for name, (_, task, _) in known.items() if name != task)
        raise ValueError(f"{operator!r} is no operator that can be raced; there are {names}")
    return known[operator]


@cache
def _stored() -> dict[str, float]:
    return dict(json.loads(STORED.read_text(encoding="utf-8"))) if STORED.exists() else {}


def batches(timing: Timing) -> list[int]:
    """Batch sizes to run: doubled from 1, or from what makes the largest one about as large as the
    one whose speed is graded."""
    start = max(1, timing.sizes["N"] // LARGEST)
    return [start << step for step in range(LARGEST.bit_length())]


def _run(
    label: str, suite: ModuleType, task: str, timing: Timing, namespace: dict[str, Any]
) -> Line:
    submission = LiveSubmission(namespace)
    seconds: dict[int, float] = {}
    spent = 0.0
    for n in batches(timing):
        rng = np.random.default_rng(n)
        try:
            given = suite.arguments_of(task, rng, {**timing.sizes, "N": n})
            call = suite.PROTOCOL.inside(submission, task, given)
            best, used = _shortest(partial(_timed, submission, task, call))
        except Finding as finding:
            if seconds:
                break
            if finding.verdict == "not attempted":
                raise NotImplementedError(finding.message) from None
            raise ValueError(f"{task} cannot run yet: {finding.message}") from None
        seconds[n] = best
        spent += used
        if 2 * best > PATIENCE or spent > BUDGET:
            break
    return Line(label, seconds)


def _timed(submission: LiveSubmission, task: str, call: Sequence[Any]) -> float:
    timed = submission.time(task, *call)
    submission.drop(timed.handle)
    return timed.seconds


def _shortest(run: Callable[[], float]) -> tuple[float, float]:
    """The shortest of up to seven runs, and the CPU time of all; slow ones run once."""
    times = [run()]
    while len(times) < 7 and sum(times) < 0.05 * PATIENCE:
        times.append(run())
    return max(min(times), 1e-6), sum(times)


def _machine(timing: Timing) -> Line:
    """One copy and one matrix product, the least that im2col needs."""
    seconds: dict[int, float] = {}
    for n in batches(timing):
        product = _product(timing, n)
        seconds[n], _ = _shortest(partial(least, product))
    return Line("machine", seconds)


def _product(timing: Timing, n: int) -> tuple[int, int, int, int]:
    batch, rows, inner, columns = timing.product
    # Of flat data the batch is what the product sums over; elsewhere it is a batch of products.
    if batch == 1 and inner == timing.sizes["N"]:
        return batch, rows, n, columns
    return n, rows, inner, columns


def least(product: tuple[int, int, int, int]) -> float:
    """Seconds of CPU time to fill im2col's matrices by copying, and to multiply them.

    ``product`` is how many matrices, the rows of what they are multiplied with, what is summed
    over, and columns; float64.
    """
    batch, rows, inner, columns = product
    left = np.ones((rows, inner))
    source = np.ones((batch, max(1, inner * columns // 8)))
    started = live_clock()
    # Which elements are copied does not matter.
    filled = np.resize(source, (batch, inner, columns))
    np.matmul(left, filled)
    return live_clock() - started


def _words(operator: str, lines: Sequence[Line]) -> str:
    """The outcome in sentences; for everyone who does not see the picture, and for the others."""
    by_name = {line.name: line for line in lines}
    yours = by_name["yours"]
    said = []
    for name, who in (("loops", "The loops take"), ("yours", "Yours takes")):
        line = by_name.get(name)
        if line is not None and not math.isnan(line.growth()):
            said.append(f"{who} {line.growth():.1f} times as long for twice the batch.")
    if "loops" in by_name:
        n = max(set(by_name["loops"].seconds) & set(yours.seconds))
        times = by_name["loops"].seconds[n] / yours.seconds[n]
        said.append(f"At {n} in the batch, yours is {times:,.0f} times as fast as the loops.")
    n = max(yours.seconds)
    least = yours.seconds[n] / by_name["machine"].seconds[n]
    against = f"At {n}, it takes {least:.1f} times as long as one copy and one matrix product"
    if "reference" in by_name:
        against += f", and {yours.seconds[n] / by_name['reference'].seconds[n]:.1f} times as long "
        against += "as the kit's reference"
    return "\n".join([f"{operator}, CPU time.", *said, f"{against}."])


_STYLES = {"loops": "o-", "yours": "s-", "reference": "--", "machine": ":"}
_LABELS = {"machine": "one copy and one matrix product", "reference": "the kit's reference"}


def _draw(operator: str, lines: Sequence[Line]) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for line in lines:
        sizes, seconds = zip(*sorted(line.seconds.items()), strict=True)
        axes.plot(sizes, seconds, _STYLES[line.name], label=_LABELS.get(line.name, line.name))
    largest = max((line for line in lines), key=lambda line: len(line.seconds))
    axes.set(xscale="log", yscale="log", xlabel="batch", ylabel="seconds of CPU time")
    axes.set_xticks([*largest.seconds], [str(n) for n in largest.seconds])
    axes.minorticks_off()
    axes.set_title(operator)
    axes.grid(axis="y", alpha=0.4)
    axes.legend()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()
